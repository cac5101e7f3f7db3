"""``python -m antiphon``."""

from antiphon.cli.main import main

main(prog_name="antiphon")
