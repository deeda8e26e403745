"""An address that may be fetched: http or https, and a host."""

from urllib.parse import urlsplit

from nightwarden.errors import Invalid


def checked(url: str, what: str) -> str:
    """``url`` if it is an address that can be fetched; ``what`` is the option that has it.

    Raises:
        Invalid: it is not; the sentence does not repeat it, since it may hold a secret.
    """
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or not url.isascii() or not url.isprintable() or " " in url:
        raise Invalid(f"{what} is not an address such as https://example.org/ping/abc.")
    return url
