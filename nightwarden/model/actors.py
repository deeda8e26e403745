"""Who acts: people by their names, and the monitor itself."""

SYSTEM = "nightwarden"
"""The monitor's own name in the record; no person's deed."""
