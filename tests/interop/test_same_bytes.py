"""A declaration has the same bytes in every run and process, so that two can be compared with a plain diff."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from declaration import Declaration
from declaration.run import ROOT

SAID = """
import json, sys
from declaration import declare
for _ in range(2):
    print(json.dumps(declare(sys.argv[1]).as_json()))
"""


def test_processes_that_order_sets_otherwise_and_run_side_by_side_declare_the_same_bytes(
    dev: Declaration, prod: Declaration
):
    started = [
        subprocess.Popen(
            [sys.executable, "-c", SAID, declared.stack],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for declared, seed in ((dev, "1"), (prod, "2"))
    ]
    for process, declared in zip(started, (dev, prod), strict=True):
        told, _ = process.communicate(timeout=60)
        assert told.splitlines() == [json.dumps(declared.as_json())] * 2, declared.stack
