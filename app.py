"""The tutorial's entry point: `flask run` in this folder serves the starter register."""

from terrafirma.config import STARTER, read_settings
from terrafirma.factory import create_app

app = create_app(read_settings(dataset=STARTER, log="none"))
