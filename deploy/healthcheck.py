"""Is the monitor watching? Exit 0 when it says so, 1 when it does not; for the container's engine.

Standard library alone: it runs every ten seconds, so it must start quickly.
"""

import sys
import urllib.error
import urllib.request

URL = "http://127.0.0.1:8080/api/v1/health"


def main(url: str = URL) -> int:
    """Ask ``url``; degraded counts as watching, because a restart would not mend it."""
    try:
        with urllib.request.urlopen(url, timeout=4):  # noqa: S310 - our own address
            return 0
    except urllib.error.HTTPError as answer:
        with answer:
            reason = f"{url} answered {answer.status}"
    except OSError as failure:
        reason = f"{url} does not answer: {failure}"
    print(reason, file=sys.stderr)  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
