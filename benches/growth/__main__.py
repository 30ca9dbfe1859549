"""``python -m benches.growth``: the command, in the project's own .venv. Exit code 2: not measured."""

import sys

import toolchain

if __name__ == "__main__":  # a worker process imports this module again, and must not set anything up
    toolchain.enter("benches.growth", (*toolchain.REHEARSAL, *toolchain.BENCHES))

    from benches.growth.measure import main
    from model import PipelineError

    try:
        sys.exit(main())
    except (PipelineError, toolchain.SetUpError) as error:
        print(f"not measured: {error}", file=sys.stderr)
        sys.exit(2)
