"""Flask at its fastest: it is handed ready bytes."""

from flask import Flask, Response

from bench.peers.ready import LIST, ONE

app = Flask(__name__)


@app.get("/countries")
def list_countries() -> Response:
    """All of them."""
    return Response(LIST, mimetype="application/json")


@app.get("/countries/TH")
def get_thailand() -> Response:
    """One of them."""
    return Response(ONE, mimetype="application/json")
