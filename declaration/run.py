"""declare(): run the real ``__main__.py`` in process, without an engine, a provider, a cloud or a CLI."""

from __future__ import annotations

import logging
import runpy
import sys
from collections.abc import Mapping
from pathlib import Path

from pulumi.runtime import mocks, stack
from pulumi.runtime import settings as runtime
from pulumi.runtime.config import set_all_config

from declaration import one_thread
from declaration.account import Account
from declaration.model import Declaration
from declaration.monitor import RecordingMonitor
from declaration.stack_config import load_stack_config
from declaration.stand_in import StandIn

ROOT = Path(__file__).resolve().parent.parent


def declare(
    stack_name: str = "dev",
    *,
    config: Mapping[str, object] | None = None,
    account: Account | None = None,
    preview: bool = False,
    root: Path = ROOT,
) -> Declaration:
    """What the program declares for a stack.

    ``config`` overrides keys of the stack file (None removes one); a key without a namespace is the project's. A
    ``Secret`` is what ``pulumi config set --secret`` makes; what stands encrypted in the stack file is stood in for.
    ``account`` is what AWS holds already; an empty account unless given.
    ``preview`` makes ``pulumi.runtime.is_dry_run()`` true. ``root`` holds the program and its two configuration files.

    Raises ``pulumi.RunError`` when the configuration is refused, as ``pulumi up`` would, and LookupError when
    the program looks something up for which there is no stand-in.
    """
    loaded = load_stack_config(root, stack_name, config)
    monitor = RecordingMonitor(StandIn(loaded.values.get("aws:region", "us-east-1"), account))
    warnings = _Warnings()

    async def program() -> None:
        runtime.configure(_mock_settings(loaded.project, stack_name, preview, monitor, warnings.logger))
        set_all_config(dict(loaded.values), sorted(loaded.secret_keys))
        await stack.run_in_stack(lambda: _run_program(root, monitor))

    one_thread.run(program)
    return Declaration(
        project=loaded.project,
        stack=stack_name,
        resources=monitor.resources_in_order(),
        exports=monitor.exports,
        warnings=tuple(warnings.messages),
    )


def _mock_settings(
    project: str, stack_name: str, preview: bool, monitor: RecordingMonitor, logger: logging.Logger
) -> mocks.MockSettings:
    return mocks.MockSettings(
        project=project,
        stack=stack_name,
        dry_run=preview,
        monitor=monitor,
        engine=mocks.MockEngine(logger),
        monitor_features=set(),
        organization=None,
        callbacks=None,
        outputs=set(),
    )


def _run_program(root: Path, monitor: RecordingMonitor) -> None:
    stack.register_stack_transformation(monitor.note)
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))  # as the language host does: the program imports its own packages
    runpy.run_path(str(root / "__main__.py"), run_name="__main__")


class _Warnings(logging.Handler):
    """A logger of its own that keeps what the program warns of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []
        self.logger = logging.Logger("cdc-lake program", logging.WARNING)
        self.logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a warning; an error is also raised by the program, so it is not kept here."""
        if record.levelno == logging.WARNING:
            self.messages.append(record.getMessage())
