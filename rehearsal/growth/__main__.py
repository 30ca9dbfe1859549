"""``python -m rehearsal.growth``: the command, in the project's own .venv. Exit code 2: not measured."""

import sys

import toolchain

if __name__ == "__main__":  # a worker process imports this module again, and must not set anything up
    toolchain.enter("rehearsal.growth", (*toolchain.REHEARSAL, *toolchain.GROWTH))

    from model import PipelineError
    from rehearsal.growth.measure import main

    try:
        sys.exit(main())
    except (PipelineError, toolchain.SetUpError) as error:
        print(f"not measured: {error}", file=sys.stderr)
        sys.exit(2)
