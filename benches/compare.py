"""Compare: the stages of two revisions, in turn, on one machine. ``python -m benches.compare OLD --rounds 3``

OLD is a clone of this project at an older revision, with a ``.venv`` of its own. The figures go to
``docs/benchmarks/pipeline.json``; ``python -m benches.page`` makes the table and the picture of them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FIGURES = ROOT / "docs" / "benchmarks" / "pipeline.json"


def stages(tree: Path, *options: str) -> dict[str, Any]:
    """What ``stages`` measures in the revision that is checked out in ``tree``."""
    command = [str(tree / ".venv" / "bin" / "python"), str(ROOT / "benches" / "stages.py"), *options]
    path = os.pathsep.join((str(tree), *([str(ROOT)] if "--limits" in options else [])))
    done = subprocess.run(command, cwd=tree, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def revision(tree: Path) -> str:
    """The commit that is checked out."""
    told = subprocess.run(["git", "-C", str(tree), "rev-parse", "--short", "HEAD"], capture_output=True, check=True)
    return told.stdout.decode().strip()


def machine() -> str:
    """Its processors and its Python."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return f"{os.cpu_count()} cores, {model}, Python {platform.python_version()}"


def main() -> None:
    """Measure both, round by round; each round is written down when it is over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--changes", type=int, default=50_000)
    parser.add_argument("--peers", type=Path, help="the interpreter of the environment of benches/peers.txt")
    options = parser.parse_args()
    size = ("--changes", str(options.changes))
    more = ("--limits", *(("--peers", str(options.peers.absolute())) if options.peers else ()))
    document: dict[str, Any] = {
        "machine": machine(),
        "date": datetime.now(UTC).date().isoformat(),
        "changes": options.changes,
        "revisions": {"old": revision(options.old), "new": revision(ROOT)},
        "rounds": [],
    }
    for number in range(1, options.rounds + 1):
        load = os.getloadavg()[0]
        both = {"old": stages(options.old.resolve(), *size), "new": stages(ROOT, *size, *more)}
        document["rounds"].append({"load": round(load, 1), **both})
        FIGURES.parent.mkdir(exist_ok=True)
        FIGURES.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        print(f"round {number} of {options.rounds}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
