"""The commands of ``nightwarden``, a module each; ``nightwarden/cli.py`` gathers them."""
