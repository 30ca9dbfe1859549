"""A stack that runs, for tests: its outputs as the program declares them, and clients that answer as they are told."""

from __future__ import annotations

import io
import json
from argparse import Namespace
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import StubAssertionError
from botocore.stub import Stubber
from rich.console import Console

from operations.clients import Clients
from operations.command import Operation
from operations.outputs import Outputs, typed
from tests.declared import declare

REGION = "eu-central-1"


OTHERS_DATABASE = {"databaseMode": "existing", "clusterArn": None, "clusterEndpoint": None, "masterSecretArn": None}
"""Outputs of a stack whose database is not its own."""
SERVERLESS = {"replicationMode": "serverless", "replicationInstanceId": "", "replicationInstanceArn": ""}
"""Outputs of a stack without a replication instance."""


@cache
def exports() -> Mapping[str, Any]:
    """What the program exports, as ``pulumi stack output --json`` prints it."""
    return json.loads(json.dumps(dict(declare("dev").exports)))


def outputs(**changed: Any) -> Outputs:
    """The outputs of ``dev``; ``changed`` ones by their names in the program."""
    return typed({**exports(), **changed}, "stack 'dev'")


@cache
def client(service: str) -> Any:
    """Of no account; for tests that stub it: making one takes as long as a test."""
    return _session().client(service)


@cache
def _session() -> Any:
    return boto3.Session(region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")


_UNTYPED: Any = Stubber
"""Its queue is not among what its types tell."""


class _Stubber(_UNTYPED):
    """Each operation has its own turn. A call that nobody canned is the test's failure, and no error of AWS."""

    def _assert_expected_call_order(self, model: Any, params: Any) -> None:
        queue = self._queue
        turn = next((place for place, it in enumerate(queue) if it["operation_name"] == model.name), None)
        assert turn is not None, f"nobody canned an answer to {model.name}({params})"
        found = queue[turn]
        del queue[turn]
        queue.appendleft(found)

    def _assert_expected_params(self, *given: Any, **named: Any) -> None:
        try:
            super()._assert_expected_params(*given, **named)
        except StubAssertionError as error:
            raise AssertionError(str(error)) from None


class Aws:
    """AWS, with canned answers: ``answer`` in the order of each operation's calls, then ``clients`` for who calls."""

    def __init__(self) -> None:
        self._stubs: dict[str, Stubber] = {}

    def answer(self, service: str, operation: str, response: Mapping[str, Any], asked: Any = None) -> Aws:
        """``operation`` answers ``response``; with ``asked`` it must be called with these parameters."""
        self._stub(service).add_response(operation, dict(response), asked)
        return self

    def refuse(self, service: str, operation: str, code: str = "AccessDeniedException", said: str = "no") -> Aws:
        """``operation`` fails with the error ``code``."""
        self._stub(service).add_client_error(operation, code, said)
        return self

    @property
    def clients(self) -> Clients:
        """They answer as told, and an unexpected call fails the test."""
        return Clients(REGION, made=self.made)

    @property
    def made(self) -> dict[str, Any]:
        """The clients of boto3, by service."""
        return {name: stub.client for name, stub in self._stubs.items()}

    def done(self) -> None:
        """Every canned answer was asked for."""
        for stub in self._stubs.values():
            stub.assert_no_pending_responses()

    def close(self) -> None:
        """The clients are as they were before."""
        for stub in self._stubs.values():
            stub.deactivate()

    def _stub(self, service: str) -> Stubber:
        if service not in self._stubs:
            self._stubs[service] = _Stubber(client(service))
            self._stubs[service].activate()
        return self._stubs[service]


def operation(clients: Clients, outputs: Outputs, **options: Any) -> tuple[Operation, io.StringIO]:
    """A command at work, and what it tells people."""
    told = io.StringIO()
    given = {"json": False, "stack": "dev", "outputs": None, "profile": None, "region": None, **options}
    console = Console(file=told, width=140, highlight=False, emoji=False)
    return Operation(options=Namespace(**given), outputs=outputs, clients=clients, console=console), told


def page(key: str, items: Sequence[Any]) -> dict[str, Any]:
    """The only page of a list."""
    return {key: list(items)}
