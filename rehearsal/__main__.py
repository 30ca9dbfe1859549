"""Runs in the project's own .venv, which it makes if it is not there."""

import sys

import toolchain

if __name__ == "__main__":  # a worker process imports this module again, and must not set anything up
    toolchain.enter("rehearsal", toolchain.REHEARSAL)

    from rehearsal.cli import main

    sys.exit(main())
