"""Members of a document that other modules name, apart so that reading a file loads no model of a record."""

EXTRA = "extra"
"""Custom attributes."""
UNDATED = "undated"
"""Names of the fields that are unknown on a day."""
