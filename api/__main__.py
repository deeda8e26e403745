"""``python -m api``.

Thousands of classes are made at the start, and all of them stay. The garbage collector would look
through them again and again, and once more at the end: half of the time that a start takes.
"""

import gc
import sys


def main() -> int:
    """Serve until told to stop; the exit code."""
    gc.disable()
    from api.process import main as serve

    gc.freeze()
    gc.enable()
    return serve()


if __name__ == "__main__":
    sys.exit(main())
