"""A plugin for tests in several processes: each takes a module at a time, and one all of the program's.

Those share their declarations, and the tests of a module its fixtures, which may be whole rehearsals.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.conftest import of_the_program

ROOT = Path(__file__).parent.parent


class ByModule(LoadScopeScheduling):
    """(xdist's own groups come to nothing with this pytest.)"""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return "program" if of_the_program(ROOT / module) else module


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByModule:
    return ByModule(config, log)
