from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.operations.stacks import Aws


@pytest.fixture
def aws() -> Iterator[Aws]:
    canned = Aws()
    yield canned
    canned.close()
