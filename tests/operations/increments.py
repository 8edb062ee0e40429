"""One client process of the concurrency test: `python increments.py PORT NAME POSTS INCREMENTS`.

Posts countries, and adds to the area of country 1 by reading it and patching it under If-Match, again
until each addition is acknowledged. Prints `{"ids": [...], "increments": n, "retries": n}`.
"""

import http.client
import json
import sys
from typing import Any

Reply = tuple[int, str, Any]


def send(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    value: Any = None,
    match: str = "",
) -> Reply:
    """Status, ETag and JSON of an answer."""
    headers = {"Content-Type": "application/json"} | ({"If-Match": match} if match else {})
    connection.request(method, path, None if value is None else json.dumps(value), headers)
    response = connection.getresponse()
    return response.status, response.getheader("ETag") or "", json.loads(response.read())


def post(connection: http.client.HTTPConnection, name: str) -> int:
    """The id of a new country."""
    status, _, country = send(connection, "POST", "/countries", {"name": name})
    assert status == 201, (status, country)
    return int(country["id"])


def increment(connection: http.client.HTTPConnection) -> int:
    """Add 1 to the area of country 1; how often another client was quicker."""
    retries = 0
    while True:
        status, tag, country = send(connection, "GET", "/countries/1?fields=area")
        assert status == 200, (status, country)
        status, _, answer = send(
            connection, "PATCH", "/countries/1", {"area": country["area"] + 1}, tag
        )
        if status == 200:
            return retries
        assert status == 412, (status, answer)
        retries += 1


def main() -> None:
    """Do both, taking turns."""
    port, name, posts, increments = (
        int(sys.argv[1]),
        sys.argv[2],
        int(sys.argv[3]),
        int(sys.argv[4]),
    )
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    ids, retries = [], 0
    for number in range(posts):
        ids.append(post(connection, f"{name}-{number}"))
        if number < increments:
            retries += increment(connection)
    print(json.dumps({"ids": ids, "increments": increments, "retries": retries}))


if __name__ == "__main__":
    main()
