"""Dynamic partitioning: which partition a record belongs to, by the declared JQ expression. No I/O.

Pages: https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-partitioning-keys.html and
dynamic-partitioning-error-handling.html. The expression runs in the real jq library, but a newer one than the JQ 1.6 of
Firehose: what came after 1.6 works here and not there.
"""

from __future__ import annotations

import json
import re

import jq

from model import PipelineError

_MOST_KEYS = 50
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}(),:]|[^"\[\]{}(),:]+', re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NOT_ONE_OBJECT = "Non JSON record provided"
_NO_VALUE = "partitionKeys values must not be null or empty"


class ExtractionError(Exception):
    """A record has no partition. The text is Firehose's own where people have seen one."""


class Partitioner:
    """Sorts records into partitions by a MetadataExtractionQuery."""

    keys: tuple[str, ...]
    """What the query makes of a record, by name."""

    def __init__(self, query: str) -> None:
        try:
            self._program = jq.compile(query)
        except ValueError as error:
            raise PipelineError(f"MetadataExtractionQuery {query!r} is no JQ: {error}; mend it") from None
        self.keys = _keys(query)
        if len(self.keys) > _MOST_KEYS:
            raise PipelineError(
                f"MetadataExtractionQuery has {len(self.keys)} keys; Firehose allows {_MOST_KEYS}: partition by fewer"
            )

    def partition(self, data: bytes) -> tuple[str, ...]:
        """The values of the keys, in their order, for a record; ExtractionError if it has none."""
        try:
            found = self._program.input_text(data.decode()).all()
        except ValueError as error:
            raise ExtractionError(f"{_NOT_ONE_OBJECT}: {error}") from None
        if len(found) != 1:  # several documents in a record, none, or a query that makes several of one
            raise ExtractionError(_NOT_ONE_OBJECT)
        values = tuple(found[0][key] for key in self.keys)
        for key, value in zip(self.keys, values, strict=True):
            if value is None or value == "":
                raise ExtractionError(f"{_NO_VALUE}: {key}")
            if not isinstance(value, str):
                raise ExtractionError(f"partitionKeys values must be text: {key} is {json.dumps(value)}")
        return values


def _keys(query: str) -> tuple[str, ...]:
    """The names of the members that the object ``query`` has. All members must be named in it, as in AWS's examples."""
    tokens = [token for match in _TOKEN.finditer(query) if (token := match[0].strip())]
    keys, depth, awaited = list[str](), 0, False
    for number, token in enumerate(tokens):
        if depth == 1 and awaited:
            keys.append(_key(query, token))
        depth += (token in "[{(") - (token in ")}]")
        awaited = depth == 1 and token in "{,"
        if (depth == 0) != (number == len(tokens) - 1):
            raise _not_an_object(query)
    if not keys or tokens[0] != "{":
        raise _not_an_object(query)
    return tuple(keys)


def _key(query: str, token: str) -> str:
    if _NAME.fullmatch(token):
        return token
    if token.startswith('"') and "\\(" not in token:
        return json.loads(token)
    raise _not_an_object(query)


def _not_an_object(query: str) -> PipelineError:
    return PipelineError(
        f"MetadataExtractionQuery {query!r} does not name the keys that it makes, so nobody can tell whether they are "
        "those of prefix, which Firehose demands; write one object, {name: expression, name: expression}"
    )
