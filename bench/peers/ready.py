"""The bytes every peer answers with: what Terrafirma itself said, kept in files."""

import json
import os
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ["BENCH_BYTES"])

LIST = (FOLDER / "list.json").read_bytes()
ONE = (FOLDER / "one.json").read_bytes()


def read_records() -> list[dict[str, Any]]:
    """The records of the list."""
    records: list[dict[str, Any]] = json.loads(LIST)
    return records
