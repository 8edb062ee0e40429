"""The files of deploy/ are checked by the programs they are for."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from flask.testing import FlaskClient
from kubernetes_validate import validate

from terrafirma.config import NOT_SETTINGS, PREFIX
from tests.cluster.etcd import Etcd, find_program
from tests.postgres_server import find_programs

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent
UNITS = sorted(
    path.name
    for path in (DEPLOY / "systemd").glob("terrafirma*.[st]*")
    if path.suffix != ".sysusers"
)
FILES = [path for path in sorted(DEPLOY.rglob("*")) if path.is_file()]
EXPOSURE = 25
"""Ten times the highest exposure that `systemd-analyze security` may find."""


def check(*command: str | Path, **environment: str) -> str:
    """Run a command that must succeed; return what it printed."""
    done = subprocess.run(
        [str(part) for part in command],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for countries.example.org and its key."""
    certificate, key = folder / "fullchain.pem", folder / "privkey.pem"
    request = [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=countries.example.org",
    ]
    check(find_program("openssl"), *request, "-out", certificate, "-keyout", key)
    return certificate, key


def test_nginx_takes_both_sites(tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path)
    site = (DEPLOY / "nginx" / "terrafirma.conf").read_text()
    site = re.sub(r"ssl_certificate \S+;", f"ssl_certificate {certificate};", site)
    site = re.sub(r"ssl_certificate_key \S+;", f"ssl_certificate_key {key};", site)
    other = f"server {{ listen 8080; include {DEPLOY / 'nginx' / 'subpath.conf'}; }}"
    whole = f"pid {tmp_path}/nginx.pid; error_log stderr; events {{}} http {{ access_log off; {site} {other} }}"
    (tmp_path / "nginx.conf").write_text(whole)
    assert "test is successful" in check(find_program("nginx"), "-t", "-c", tmp_path / "nginx.conf")


@pytest.mark.parametrize("name", ["Caddyfile", "subpath.Caddyfile"])
def test_caddy_takes_its_site(name: str, tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    command = [
        find_program("caddy"),
        "validate",
        "--adapter",
        "caddyfile",
        "--config",
        DEPLOY / "caddy" / name,
    ]
    assert "Valid configuration" in check(*command, **home)


def test_haproxy_takes_its_configuration() -> None:
    check(find_program("haproxy"), "-c", "-f", DEPLOY / "haproxy" / "haproxy.cfg")


def test_prometheus_takes_its_configuration_and_rules() -> None:
    promtool = find_program("promtool")
    assert "rules found" in check(promtool, "check", "rules", DEPLOY / "prometheus" / "alerts.yml")
    check(promtool, "check", "config", DEPLOY / "prometheus" / "prometheus.yml")


def test_alerts_fire_when_they_should_and_not_before() -> None:
    check(find_program("promtool"), "test", "rules", Path(__file__).parent / "alerts_test.yml")


def list_queries() -> list[str]:
    """Every query of the dashboard."""
    panels = json.loads((DEPLOY / "grafana" / "terrafirma.json").read_text())["panels"]
    return [
        target["expr"].replace("$__rate_interval", "5m")
        for panel in panels
        for target in panel["targets"]
    ]


def test_the_dashboard_asks_what_prometheus_understands(tmp_path: Path) -> None:
    rules = [
        {"record": f"dashboard:{place}", "expr": query}
        for place, query in enumerate(list_queries())
    ]
    (tmp_path / "rules.yml").write_text(
        yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]})
    )
    check(find_program("promtool"), "check", "rules", tmp_path / "rules.yml")


def test_dashboard_and_alerts_name_metrics_that_there_are(shared_client: FlaskClient) -> None:
    asked = "\n".join([*list_queries(), (DEPLOY / "prometheus" / "alerts.yml").read_text()])
    named = set(re.findall(r"\bterrafirma_[a-z_]+", asked))
    told = shared_client.get("/metrics").text
    known = set(re.findall(r"^# TYPE (\S+)", told, re.MULTILINE)) | set(
        re.findall(r"^(terrafirma_\w+)", told, re.M)
    )
    # A histogram without a request yet has no buckets.
    known |= {f"{name}_bucket" for name in known}
    assert named - known == set()
    assert len(named) > 15


@pytest.mark.parametrize("name", ["compose.yaml", "compose.cluster.yaml"])
def test_compose_files_follow_the_published_schema(name: str) -> None:
    check(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / name)


def test_kubernetes_manifests_follow_the_published_schemas() -> None:
    documents = list(yaml.safe_load_all((DEPLOY / "kubernetes" / "terrafirma.yaml").read_text()))
    for document in documents:
        validate(document, "1.34", strict=True)
    kinds = [document["kind"] for document in documents]
    assert {"Deployment", "Service", "PodDisruptionBudget", "Ingress"} <= set(kinds)


def test_patroni_takes_its_configuration(tmp_path: Path) -> None:
    settings = yaml.safe_load((DEPLOY / "patroni" / "patroni.yml").read_text())
    # The programs are elsewhere in the container.
    settings["postgresql"] |= {"bin_dir": str(find_programs()), "data_dir": str(tmp_path / "data")}
    (tmp_path / "patroni.yml").write_text(yaml.safe_dump(settings))
    passwords = {f"PATRONI_{name}_PASSWORD": "x" for name in ("SUPERUSER", "REPLICATION")}
    addresses = {
        f"PATRONI_{name}_CONNECT_ADDRESS": "postgres1:5432" for name in ("RESTAPI", "POSTGRESQL")
    }
    command = [
        BIN / "patroni",
        "--validate-config",
        "--ignore-listen-port",
        tmp_path / "patroni.yml",
    ]
    # It looks whether etcd is there, too.
    with Etcd(tmp_path) as etcd:
        environment = {"PATRONI_NAME": "postgres1", "PATRONI_ETCD3_HOSTS": etcd.address}
        check(*command, **environment, **passwords, **addresses)


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The systemd units, with the programs of this environment: systemd looks whether they are there."""
    folder = tmp_path_factory.mktemp("units")
    for name in UNITS:
        text = (DEPLOY / "systemd" / name).read_text()
        (folder / name).write_text(text.replace("/opt/terrafirma/bin/", f"{BIN}/"))
    return folder


def test_systemd_takes_the_units(units: Path) -> None:
    told = check(
        find_program("systemd-analyze"), "verify", "--man=no", *(units / name for name in UNITS)
    )
    assert str(units) not in told


@pytest.mark.parametrize("name", [name for name in UNITS if name.endswith(".service")])
def test_systemd_finds_the_units_hardened(units: Path, name: str) -> None:
    options = ["--offline=true", f"--threshold={EXPOSURE}", "--no-pager"]
    check(find_program("systemd-analyze"), "security", *options, units / name)


def test_shell_scripts_are_shell() -> None:
    for name in ("start", "create-register"):
        check("sh", "-n", DEPLOY / "patroni" / name)
        assert os.access(DEPLOY / "patroni" / name, os.X_OK)


def test_every_setting_that_is_named_exists() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    known = set(re.findall(rf"^\| `({PREFIX}[A-Z_]+)`", page, re.MULTILINE))
    named = {
        (path.name, name)
        for path in FILES
        for name in re.findall(rf"\b{PREFIX}[A-Z_]+\b", path.read_text())
    }
    # A variable of the compose file itself.
    named.discard(("compose.cluster.yaml", f"{PREFIX}PASSWORD"))
    assert {(file, name) for file, name in named if name not in known | NOT_SETTINGS} == set()
