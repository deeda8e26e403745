"""Trying a real device before it is trusted: pressed, let go, unplugged."""
