"""How much a dialect may remember, so that whoever invents devices fills no memory."""


class Allowance:
    """A ledger of what is remembered: so many keys, and so many bytes together.

    Args:
        most_keys: things with a name of their own.
        most_bytes: of their contents together, as they were taught.
    """

    def __init__(self, most_keys: int, most_bytes: int) -> None:
        self._most_keys = most_keys
        self._most_bytes = most_bytes
        self._sizes: dict[str, int] = {}
        self._bytes = 0

    def take(self, key: str, size: int) -> bool:
        """Room for the content of ``key``, instead of what it had; 0 gives its room back.

        Returns:
            False when there is none; then all is as it was.
        """
        before = self._sizes.get(key, 0)
        new = key not in self._sizes
        if size and ((new and len(self._sizes) >= self._most_keys) or self._over(size - before)):
            return False
        self._bytes += size - before
        if size:
            self._sizes[key] = size
        else:
            self._sizes.pop(key, None)
        return True

    def _over(self, more: int) -> bool:
        return self._bytes + more > self._most_bytes
