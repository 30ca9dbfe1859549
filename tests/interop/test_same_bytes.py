"""A declaration has the same bytes in every run and process, so that two can be compared with a plain diff."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from declaration import Declaration
from declaration.run import ROOT

SAID = """
import json
from declaration import declare
for stack in ("dev", "prod"):
    print(json.dumps(declare(stack).as_json()))
"""


def test_a_process_that_orders_sets_otherwise_declares_the_same_bytes(dev: Declaration, prod: Declaration):
    other = {**os.environ, "PYTHONHASHSEED": "1"}
    run = subprocess.run([sys.executable, "-c", SAID], cwd=ROOT, env=other, capture_output=True, check=True, timeout=60)
    assert run.stdout.decode().splitlines() == [json.dumps(declared.as_json()) for declared in (dev, prod)]
