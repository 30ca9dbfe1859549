"""Peaks: the most memory that each process of a rehearsal has resident. ``python -m benches.peaks --rows 100000 …``

Arguments are those of ``python -m rehearsal``. It prints what that prints, then one line of JSON. Linux only.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

_LOOK_SECONDS = 0.2


def descendants(pid: int) -> list[int]:
    """``pid`` and every process below it."""
    found = [pid]
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text(encoding="utf-8").split():
                found += descendants(int(child))
    return found


def look(peaks: dict[str, tuple[str, float, float]], pid: int) -> None:
    """Note what the kernel says of ``pid`` now: its name, its peak in MB, its processor seconds."""
    with suppress(OSError, IndexError):
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
        name, _, rest = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").partition("(")[2].rpartition(")")
        fields = rest.split()
        peaks[str(pid)] = (name, round(peak, 1), (int(fields[11]) + int(fields[12])) / 100)


def main() -> int:
    """Rehearse, and look at the processes meanwhile."""
    peaks: dict[str, tuple[str, float, float]] = {}
    with subprocess.Popen([sys.executable, "-m", "rehearsal", *sys.argv[1:]]) as rehearsal:
        while rehearsal.poll() is None:
            for pid in descendants(rehearsal.pid):
                look(peaks, pid)
            time.sleep(_LOOK_SECONDS)
    print(json.dumps(list(peaks.values())))
    return rehearsal.returncode


if __name__ == "__main__":
    sys.exit(main())
