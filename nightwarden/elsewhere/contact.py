"""Whom a push service may write to when it has trouble with what it is sent (RFC 8292 2.1)."""

from typing import Final

NOBODY: Final = "mailto:keeper@nightwarden.invalid"
"""A home that says nothing gives no address of its own away; some push services may refuse it."""
