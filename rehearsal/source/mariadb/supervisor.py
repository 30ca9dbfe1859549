"""Supervisor: a small process that owns the database server, so that neither server nor folder is left over.

The rehearsal holds the other end of the supervisor's standard input. When that closes, because the rehearsal says so or
because it is gone (even by SIGKILL, when no ``finally`` runs), the supervisor stops the server and deletes the folder.

Run as a script with one argument, the folder, which holds ``commands.json`` (``{"prepare": [...], "serve": [...]}``)
and ``prepare.sql``, the standard input of the first command. Exit code: that of the command that failed, else 0.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_STOP_SECONDS = 10


def _die_with_parent() -> None:
    """In the child: SIGKILL when the supervisor itself is killed. Only Linux can promise that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def supervise(folder: Path) -> int:
    """Prepare and serve until standard input closes or the server ends; then stop it and delete ``folder``."""
    commands = json.loads((folder / "commands.json").read_text(encoding="utf-8"))
    try:
        with (folder / "prepare.sql").open("rb") as sql:
            prepared = subprocess.run(commands["prepare"], stdin=sql, preexec_fn=_die_with_parent, check=False)
        if prepared.returncode:
            return prepared.returncode
        server = subprocess.Popen(commands["serve"], stdin=subprocess.DEVNULL, preexec_fn=_die_with_parent)
        threading.Thread(target=_stop_at_end_of_input, args=(server,), daemon=True).start()
        return server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _stop_at_end_of_input(server: subprocess.Popen[bytes]) -> None:
    sys.stdin.buffer.read()
    server.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        server.wait(_STOP_SECONDS)
    server.kill()


if __name__ == "__main__":
    sys.exit(supervise(Path(sys.argv[1])))
