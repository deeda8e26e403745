"""Chance, of which every actor has a stream of its own.

A room that is added to a home leaves the nights of all other rooms as they were, because nobody
draws from anybody else's stream.
"""

from random import Random


def dice(seed: int, actor: str) -> Random:
    """The stream of chance of ``actor``: the same for the same seed, on every machine."""
    return Random(f"{seed}/{actor}")  # noqa: S311  (a play, not a secret)
