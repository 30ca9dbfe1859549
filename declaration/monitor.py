"""The mock monitor that records every registration: parents, dependencies and options, which Pulumi's mocks drop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from google.protobuf import empty_pb2
from google.protobuf.json_format import MessageToDict
from pulumi import ResourceTransformationArgs, get_project, get_stack
from pulumi.dynamic.dynamic import PROVIDER_KEY
from pulumi.runtime import mocks, rpc
from pulumi.runtime.proto import resource_pb2

from declaration.frozen import frozen
from declaration.model import Resource, Secret
from declaration.stand_in import StandIn

_STACK = "pulumi:pulumi:Stack"
_SECRET_OUTPUTS = {"random:index/randomPassword:RandomPassword": ("result", "bcryptHash")}
"""Outputs that a provider's schema marks as secret; the real engine learns that from the provider."""


class _NoMocks(mocks.Mocks):
    """Pulumi's mocks interface, which nobody asks: RecordingMonitor needs the whole request."""

    def call(self, args: mocks.MockCallArgs) -> NoReturn:
        raise NotImplementedError(f"there is no stand-in for {args.token}")

    def new_resource(self, args: mocks.MockResourceArgs) -> NoReturn:
        raise NotImplementedError(f"there is no stand-in for reading {args.typ}")


class RecordingMonitor(mocks.MockMonitor):
    """Pulumi's mock monitor, with a record of all that was registered."""

    def __init__(self, stand_in: StandIn) -> None:
        super().__init__(_NoMocks())
        self._stand_in = stand_in
        self._constructed: dict[tuple[str, str], int] = {}
        self._registered: list[Resource] = []
        self.exports: Mapping[str, Any] = {}

    def note(self, args: ResourceTransformationArgs) -> None:
        """Remember that the program constructs a resource; to be called as a transformation of the stack."""
        self._constructed.setdefault((args.type_, args.name), len(self._constructed))

    def resources_in_order(self) -> tuple[Resource, ...]:
        """All that was registered, in the order in which the program constructed it.

        A registration waits for what its inputs come from, so requests arrive in another order.
        """
        return tuple(sorted(self._registered, key=lambda it: (self._constructed[it.type, it.name], it.urn)))

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """The engine's URN, with the types of every ancestor but the stack; Pulumi's mock keeps only the parent's."""
        ancestry = "" if not parent or f"::{_STACK}::" in parent else parent.split("::")[2] + "$"
        return f"urn:pulumi:{get_stack()}::{get_project()}::{ancestry}{type_}::{name}"

    def Invoke(self, request: resource_pb2.ResourceInvokeRequest) -> resource_pb2.ResourceInvokeResponse:  # noqa: N802
        """Answer a look-up from the stand-in; LookupError where it has none."""
        response = resource_pb2.ResourceInvokeResponse()
        found = self._stand_in.invoke(request.tok, _plain(MessageToDict(request.args)))
        getattr(response, "return").update(found)
        return response

    def RegisterResource(  # noqa: N802 - the name of the RPC
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        """Record the request and answer with the stand-in's computed outputs."""
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == _STACK:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        inputs = _plain(MessageToDict(request.object))
        inputs.pop(PROVIDER_KEY, None)  # a dynamic resource carries its code along, which is no input
        secret = {key for key, value in inputs.items() if isinstance(value, Secret)}
        secret.update(_SECRET_OUTPUTS.get(request.type, ()), request.additionalSecretOutputs)
        identifier, outputs = (
            self._stand_in.create(request.type, request.name, _revealed(inputs)) if request.custom else ("", inputs)
        )
        state = {key: Secret(value) if key in secret else value for key, value in outputs.items()}
        self._registered.append(_resource(request, urn, inputs, state))
        self.resources[urn] = mocks.MockMonitor.ResourceRegistration(urn, identifier, _enveloped(state))
        response = resource_pb2.RegisterResourceResponse(urn=urn, id=identifier)
        response.object.update(_enveloped(state))
        return response

    def RegisterResourceOutputs(  # noqa: N802 - the name of the RPC
        self, request: resource_pb2.RegisterResourceOutputsRequest
    ) -> empty_pb2.Empty:
        """Record the stack's exports."""
        if f"::{_STACK}::" in request.urn:
            self.exports = frozen(_plain(MessageToDict(request.outputs)))
        return empty_pb2.Empty()


def _resource(
    request: resource_pb2.RegisterResourceRequest, urn: str, inputs: Mapping[str, Any], outputs: Mapping[str, Any]
) -> Resource:
    timeouts = request.customTimeouts
    return Resource(
        urn=urn,
        type=request.type,
        name=request.name,
        parent=None if f"::{_STACK}::" in request.parent or not request.parent else request.parent,
        inputs=frozen(inputs),
        outputs=frozen(outputs),
        dependencies=frozenset(request.dependencies),
        custom=request.custom,
        import_id=request.importId,
        protect=request.protect,
        retain_on_delete=request.retainOnDelete,
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        replacement_trigger=frozen(_plain(MessageToDict(request.replacement_trigger))),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        custom_timeouts=frozen(
            {key: value for key in ("create", "update", "delete") if (value := str(getattr(timeouts, key)))}
        ),
    )


def _plain(value: Any) -> Any:
    """A deserialised protobuf value with secret envelopes as ``Secret`` and whole numbers as ``int``."""
    if isinstance(value, dict):
        if value.get(rpc._special_sig_key) == rpc._special_secret_sig:
            return Secret(_revealed(_plain(value["value"])))
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _revealed(value: Any) -> Any:
    if isinstance(value, Secret):
        return _revealed(value.value)
    if isinstance(value, dict):
        return {key: _revealed(item) for key, item in value.items()}
    return [_revealed(item) for item in value] if isinstance(value, list) else value


def _enveloped(value: Any) -> Any:
    if isinstance(value, Secret):
        return {rpc._special_sig_key: rpc._special_secret_sig, "value": _revealed(value)}
    if isinstance(value, dict):
        return {key: _enveloped(item) for key, item in value.items()}
    return [_enveloped(item) for item in value] if isinstance(value, list | tuple) else value
