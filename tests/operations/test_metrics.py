"""What several processes of one server count is told by each of them."""

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.operations.processes import Client, make_server
from tests.operations.test_concurrency import connect_to_both


def scrape(client: Client) -> dict[str, float]:
    """The values of samples without labels, and the requests for a country."""
    text = client.send("GET", "/metrics").body.decode()
    samples = [
        sample for family in text_string_to_metric_families(text) for sample in family.samples
    ]
    asked = {"route": "/countries/{key}", "method": "GET", "status": "2xx"}
    named = [("requests" if sample.labels == asked else sample.name, sample) for sample in samples]
    return {
        name: sample.value for name, sample in named if not sample.labels or sample.labels == asked
    }


def test_processes_tell_what_all_of_them_counted(data: Path) -> None:
    with make_server(data, workers=2, TERRAFIRMA_LOG="none") as server:
        clients = connect_to_both(server.port).values()
        for client in clients:
            for _ in range(5):
                client.get("/countries/TH")
        for client in clients:
            found = scrape(client)
            assert (found["requests"], found["terrafirma_server_processes"]) == (10, 2)
            assert found["terrafirma_hot_cache_hits_total"] >= 8
            assert found["terrafirma_server_memory_bytes"] > 50_000_000
    with make_server(data) as server, server.client() as client:
        assert "requests" not in scrape(client)
