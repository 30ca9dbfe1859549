"""Runs in the project's own .venv, which it makes if it is not there."""

import sys

import toolchain

if __name__ == "__main__":
    toolchain.enter("operations", toolchain.OPERATIONS)

    from operations.cli import end_as_by_ctrl_c, main

    end_as_by_ctrl_c()
    sys.exit(main())
