"""``python -m rehearsal.growth``: the command, in the project's own .venv."""

import sys

import toolchain

if __name__ == "__main__":
    toolchain.enter("rehearsal.growth", (*toolchain.REHEARSAL, *toolchain.GROWTH))
    from rehearsal.growth.measure import main

    sys.exit(main())
