"""`python -m terrafirma` is `terrafirma`."""

from terrafirma.commands.main import main

main(prog_name="terrafirma")
