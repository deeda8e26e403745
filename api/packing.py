"""How hard answers are packed for a phone's narrow line."""

from typing import Final

PACKED_BY: Final = 5
"""Of gzip's 9: a page becomes a fifth or less, in a millisecond or two."""

LEAST_BYTES: Final = 800
"""What fits into one packet is sent as it is."""
