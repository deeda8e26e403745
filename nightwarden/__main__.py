"""``python -m nightwarden``."""

from nightwarden.cli import main

main()
