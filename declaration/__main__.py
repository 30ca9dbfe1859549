"""Runs in the project's own .venv, which it makes if it is not there."""

import atexit
import gc
import sys

import toolchain

if __name__ == "__main__":
    toolchain.enter("declaration", toolchain.PROGRAM)

    from declaration.cli import main

    atexit.register(gc.freeze)  # to look through the SDK's modules once more at the end takes the collector 0.8 s
    sys.exit(main())
