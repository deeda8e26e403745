"""The home's own certificate authority: who the broker is, and optionally who its clients are."""
