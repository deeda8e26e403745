"""The one form in which a record is hashed, wherever somebody must find the same hash in years.

JSON with sorted keys, no spaces, in UTF-8; its SHA-256 in hexadecimal digits. The audit's chain,
the receipts of check rounds and the files of incidents are made of it, and docs/evidence.md tells
it to people who have nothing of ours: it never changes.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical(content: Mapping[str, Any]) -> bytes:
    """The bytes that are hashed; ``content`` is of JSON's values only."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical form, in hexadecimal digits."""
    return hashlib.sha256(canonical(content)).hexdigest()
