"""The page of the audit log has words for every event that the code records."""

import ast
import re
from pathlib import Path

import terrafirma
from terrafirma.register.access.users import ADMITTED, BLOCKED

ROOT = Path(terrafirma.__file__).parent
SCRIPT = (ROOT / "web" / "static" / "audit.js").read_text("utf-8")
RECORDING = {"record_event": 2, "record_locally": 1, "end": 2}
"""Functions that add a line, and the place of the event among their arguments."""
NAMED = {"BLOCKED": BLOCKED, "ADMITTED": ADMITTED}


def list_events():
    """The events that calls of the package name."""
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            place = RECORDING.get(called, len(node.args))
            if place >= len(node.args):
                continue
            event = node.args[place]
            if isinstance(event, ast.Constant) and isinstance(event.value, str):
                yield event.value
            elif isinstance(event, ast.Name) and event.id in NAMED:
                yield NAMED[event.id]


def test_every_event_has_words():
    known = re.search(r"const EVENTS = \{(.*?)\};", SCRIPT, re.DOTALL)[1]
    told = set(re.findall(r'^  "?([a-z-]+)"?: _\(', known, re.MULTILINE))
    assert set(list_events()) == told
