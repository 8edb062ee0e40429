"""What the tutorial teaches: a list in memory and jsonify, here with as many records as ours has."""

from flask import Flask, Response, jsonify

from bench.peers.ready import read_records

app = Flask(__name__)

countries = read_records()


@app.get("/countries")
def list_countries() -> Response:
    """Everything in the list."""
    return jsonify(countries)
