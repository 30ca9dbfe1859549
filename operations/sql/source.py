"""Which database a command asks: the one that ``--source`` names, else the stack's own over the Data API."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from database.url import server_of
from model import PipelineError
from operations.command import Operation
from operations.sql.answer import Answer, Source
from operations.sql.data_api import DataApi
from operations.sql.server import ServerSql


def add_source(command: argparse.ArgumentParser) -> None:
    """The option ``--source``."""
    command.add_argument(
        "--source",
        metavar="URL",
        help="mysql://user@host:port of the database, asked in the place of the Data API; the password comes from "
        "CDC_LAKE_SOURCE_PASSWORD or is asked for",
    )


@contextmanager
def source(operation: Operation) -> Iterator[Source]:
    """What asks the database; whoever asks is told so where nobody said how to reach it. Raises PipelineError."""
    if operation.options.source:
        with ServerSql(server_of(operation.options.source)) as server:
            yield server
        return
    stack = operation.outputs
    if stack.cluster_arn is None or stack.master_secret_arn is None:
        yield _Unreached()
    else:
        yield DataApi(operation.clients, stack.cluster_arn, stack.master_secret_arn)


class _Unreached:
    """A database that is not the stack's, and whose address was not given."""

    queries = 0

    def __call__(self, statement: str) -> Answer:
        raise PipelineError(
            "the database is not the stack's own, so there is no Data API to ask it by: give its address with "
            "--source mysql://user@host:port, from where it can be reached"
        )

    def settled(self, setting: str, statement: str) -> Answer:
        return self(statement)
