"""A minimal Flask route that makes a country durable: it trusts what it is sent."""

import os
import threading
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, Response, jsonify, request

from bench.inserts import connect, insert, read_sample

app = Flask(__name__)

PATH = Path(os.environ["BENCH_DATABASE"])
SAMPLE = read_sample(Path(os.environ["BENCH_SAMPLE"]))

local = threading.local()
# Threads take turns here, as they do in Terrafirma: SQLite's own waiting is a sleep.
turn = threading.Lock()


@app.post("/countries")
def add_country() -> tuple[Response, int]:
    """Write the rows; 201 once they are on the disk."""
    country = request.get_json()
    if not hasattr(local, "connection"):
        local.connection = connect(PATH)
    with turn:
        id = insert(
            local.connection, SAMPLE, country["name"].split()[-1], datetime.now(UTC).isoformat()
        )
    return jsonify(country | {"id": id}), 201


@app.get("/")
def ready() -> str:
    """That it is up."""
    return "up"
