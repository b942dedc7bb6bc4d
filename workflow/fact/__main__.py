"""Run the command line by ``python -m fact``."""

from fact.cli import app

app(prog_name="fact")
