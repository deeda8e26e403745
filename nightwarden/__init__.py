"""Nightwarden, the safety monitor of a care home: what gateway and api share, and the way in."""

__version__ = "0.1.0"
