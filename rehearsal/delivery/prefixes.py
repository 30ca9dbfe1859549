"""S3 object keys as Firehose evaluates them: custom prefixes with expressions, the default prefix, the object's name.

Pages: https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html (expressions and rules) and
https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html (names). A prefix that CreateDeliveryStream
would refuse raises PipelineError before any record is read.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from model import PipelineError
from rehearsal.delivery.date_patterns import DatePattern

PREFIX_CHARACTERS = 512
"""The most that a prefix may have after its evaluation."""

_DEFAULT_TIME = "!{timestamp:yyyy/MM/dd/HH/}"
_ERROR_TYPE = "firehose:error-output-type"
_FROM_QUERY = "partitionKeyFromQuery"
_DELIVERY_STREAM_VERSION = 1  # counts the changes of its configuration, and a rehearsal makes none
_RANDOM_CHARACTERS = 11


@dataclass(frozen=True)
class _Moment:
    """What expressions are evaluated from."""

    at: datetime
    error_output_type: str
    partition: Mapping[str, str]


_Expression = Callable[[_Moment], str]
_NO_PARTITION: Mapping[str, str] = {}


@dataclass(frozen=True, kw_only=True)
class Prefix:
    """One of the two prefixes of a delivery stream, compiled."""

    text: str
    names: tuple[str, ...]
    """The expressions in it without their braces, ``timestamp:yyyy``."""
    parts: tuple[_Expression, ...]
    """Literal texts and expressions in order."""

    @property
    def partition_keys(self) -> set[str]:
        """The partition keys in it that a query must make."""
        return {name.partition(":")[2] for name in self.names if name.startswith(_FROM_QUERY)}

    def evaluate(self, at: datetime, error_output_type: str = "", partition: Mapping[str, str] = _NO_PARTITION) -> str:
        """The prefix for an object whose oldest record arrived at ``at``, in the time zone of ``at``.

        ``error_output_type`` says why records failed (``processing-failed``); only the error prefix uses it.
        ``partition`` are the values of the partition keys, which only the other prefix uses.
        """
        moment = _Moment(at, error_output_type, partition)
        key = "".join(part(moment) for part in self.parts)
        if len(key) > PREFIX_CHARACTERS:
            raise PipelineError(
                f"the prefix {self.text!r} has {len(key)} characters after its evaluation; "
                f"Firehose allows {PREFIX_CHARACTERS}: shorten it"
            )
        return key


def compile_prefixes(prefix: str, error_prefix: str, keys: Collection[str] = ()) -> tuple[Prefix, Prefix]:
    """The ``prefix`` and ``errorOutputPrefix`` of a delivery stream ("" when unset) with what Firehose adds to them.

    ``keys`` are the partition keys that its query makes; none without dynamic partitioning.
    """
    data, error = _compile("prefix", prefix), _compile("errorOutputPrefix", error_prefix)
    for broken, rule in _RULES:
        if broken(data, error, set(keys)):
            raise PipelineError(
                f"Firehose refuses prefix {prefix!r} with errorOutputPrefix {error_prefix!r} "
                f"and the partition keys {', '.join(keys) or 'of no query'}: {rule}"
            )
    if not any(name.startswith("timestamp:") for name in data.names):
        data = _compile("prefix", prefix + _DEFAULT_TIME)
    if not error_prefix:
        error = _compile("errorOutputPrefix", f"{prefix}!{{{_ERROR_TYPE}}}/{_DEFAULT_TIME}")
    return data, error


_RULES: tuple[tuple[Callable[[Prefix, Prefix, set[str]], bool], str], ...] = (
    (
        lambda data, error, keys: bool(error.partition_keys),
        "partition keys may stand in prefix only; take them out of errorOutputPrefix",
    ),
    (
        lambda data, error, keys: bool(data.partition_keys) and not keys,
        "partition keys need dynamic partitioning, which is not enabled, and a MetadataExtraction processor; "
        "declare both, or take them out of prefix",
    ),
    (
        lambda data, error, keys: data.partition_keys != keys,
        "with dynamic partitioning each key of MetadataExtractionQuery must stand in prefix, and no other; "
        "make them the same",
    ),
    (
        lambda data, error, keys: bool(data.names) and not error.text,
        "errorOutputPrefix must be set when prefix contains expressions; "
        "set it, to errors/!{firehose:error-output-type}/ say",
    ),
    (
        lambda data, error, keys: _ERROR_TYPE in data.names,
        "!{firehose:error-output-type} may stand in errorOutputPrefix only; take it out of prefix",
    ),
    (
        lambda data, error, keys: bool(error.names) and _ERROR_TYPE not in error.names,
        "an errorOutputPrefix with expressions must contain !{firehose:error-output-type}; add it",
    ),
)
"""What makes CreateDeliveryStream refuse the two prefixes with these partition keys, and the rule with its remedy."""


def object_key(prefix: str, name: str, at: datetime, extension: str) -> str:
    """The key of an object of the delivery stream ``name`` under the evaluated ``prefix``.

    ``at`` is when its oldest record arrived, in the delivery stream's time zone.
    """
    return f"{prefix}{name}-{_DELIVERY_STREAM_VERSION}-{at:%Y-%m-%d-%H-%M-%S}-{uuid.uuid4()}{extension}"


def arrival_time(millis: int, zone: tzinfo) -> datetime:
    """The instant ``millis`` after the epoch, in ``zone``."""
    seconds, rest = divmod(millis, 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000).astimezone(zone)


def _compile(key: str, text: str) -> Prefix:
    """Split ``text`` into literals and expressions."""
    parts: list[_Expression] = []
    names: list[str] = []
    rest = text
    while rest:
        literal, opening, rest = rest.partition("!{")
        parts.append(_literal(literal))
        if opening:
            expression, closing, rest = rest.partition("}")
            if not closing:
                raise PipelineError(f"{key} {text!r}: '!{{' opens an expression that no '}}' closes; close it")
            parts.append(_expression(key, text, expression))
            names.append(expression)
    return Prefix(text=text, names=tuple(names), parts=tuple(parts))


def _expression(key: str, text: str, expression: str) -> _Expression:
    namespace, _, value = expression.partition(":")
    if namespace not in _NAMESPACES:
        raise PipelineError(
            f"{key} {text!r}: the namespace {namespace!r} in !{{{expression}}} is unknown to Firehose; "
            f"use one of {', '.join(_NAMESPACES)}"
        )
    try:
        return _NAMESPACES[namespace](value)
    except ValueError as error:
        raise PipelineError(f"{key} {text!r}: !{{{expression}}} cannot be evaluated: {error}") from None


def _literal(text: str) -> _Expression:
    return lambda moment: text


def _timestamp(pattern: str) -> _Expression:
    if not pattern:
        raise ValueError("the date pattern is empty; write yyyy/MM/dd/HH, say")
    compiled = DatePattern(pattern)
    return lambda moment: compiled.format(moment.at)


def _firehose(value: str) -> _Expression:
    if value not in _FIREHOSE:
        raise ValueError(f"the namespace firehose has {' and '.join(_FIREHOSE)}, not {value!r}")
    return _FIREHOSE[value]


def _partition_key(name: str) -> _Expression:
    if not name:
        raise ValueError("the name of the partition key is empty; write one that MetadataExtractionQuery makes")
    return lambda moment: moment.partition[name]


def _from_lambda(name: str) -> _Expression:
    raise ValueError(f"a Lambda that makes partition keys is not played; make {name!r} by a query, or take it out")


_FIREHOSE: dict[str, _Expression] = {
    "random-string": lambda moment: str(uuid.uuid4())[:_RANDOM_CHARACTERS],
    "error-output-type": lambda moment: moment.error_output_type,
}

_NAMESPACES: dict[str, Callable[[str], _Expression]] = {
    "timestamp": _timestamp,
    "firehose": _firehose,
    _FROM_QUERY: _partition_key,
    "partitionKeyFromLambda": _from_lambda,
}
