"""``python -m gateway``. Why without the collector: see ``api/__main__.py``."""

import gc

if __name__ == "__main__":
    gc.disable()
    from gateway.process import main
    from nightwarden.commands.options import run_command

    gc.freeze()
    gc.enable()
    run_command(main)
