"""Queries: what a Query event says: a statement, and the session that ran it. Pure.

https://dev.mysql.com/doc/dev/mysql-server/latest/classbinary__log_1_1Query__event.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from rehearsal.source.binlog.charsets import DECODERS
from rehearsal.source.definitions.dialect import Dialect, Session

_FLAGS, _SQL_MODE, _CATALOG, _TIME_ZONE, _CATALOG_NZ, _CHARSET = 0, 1, 2, 5, 6, 4
_INVOKER, _UPDATED_DBS, _EXPLICIT_TIMESTAMPS = 11, 12, 16
_SIZES = {
    0: 4,
    1: 8,
    3: 4,
    4: 6,
    7: 2,
    8: 2,
    9: 8,
    10: 4,
    13: 3,
    14: 6,
    16: 1,
    17: 8,
    18: 2,
    19: 1,
    20: 1,
    128: 3,
    129: 8,
}
"""Bytes of a status variable by its code, where that is fixed."""
_TOO_MANY = 254  # databases to be listed
_EXPLICIT_FLAG, _WITH_FLAG = 1 << 24, 101000  # MariaDB says it among the flags since 10.10


class Query(NamedTuple):
    """A statement of the log."""

    session: Session
    text: str


def query(body: bytes, dialect: Dialect, *, generated: bool) -> Query:
    """Parse the body of a Query event. A text that the server made itself (``generated``) is in UTF-8, whatever the
    event says of its client."""
    schema_size, variables_size = body[8], int.from_bytes(body[11:13], "little")
    start = 13 + variables_size
    variables = dict(_variables(body[13:start]))
    client, server = _charsets(variables, dialect.collations)
    schema = body[start : start + schema_size].decode("utf-8", "replace")
    session = Session(
        schema=schema,
        sql_mode=int.from_bytes(variables.get(_SQL_MODE, b""), "little"),
        server_charset=server,
        explicit_timestamps=_explicit_timestamps(variables, dialect),
        error=int.from_bytes(body[9:11], "little"),
    )
    return Query(session, _text(body[start + schema_size + 1 :], "" if generated else client))


def _explicit_timestamps(variables: Mapping[int, bytes], dialect: Dialect) -> bool | None:
    if dialect.mariadb and dialect.version >= _WITH_FLAG and _FLAGS in variables:
        return bool(int.from_bytes(variables[_FLAGS], "little") & _EXPLICIT_FLAG)
    said = variables.get(_EXPLICIT_TIMESTAMPS)
    return bool(said[0]) if said else None


def _charsets(variables: Mapping[int, bytes], collations: Mapping[int, str]) -> tuple[str, str]:
    """Character sets of the client and of the server; empty for what the event does not say."""
    numbers = variables.get(_CHARSET, bytes(6))
    client, server = (int.from_bytes(numbers[at : at + 2], "little") for at in (0, 4))
    return collations.get(client, ""), collations.get(server, "")


def _text(raw: bytes, charset: str) -> str:
    try:
        return DECODERS.get(charset, DECODERS["utf8mb4"])(raw)
    except UnicodeDecodeError:
        return raw.decode("utf-8", "replace")


def _variables(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The status variables, up to the first one of which nobody knows how long it is."""
    place = 0
    while place < len(data):
        code = data[place]
        size = _size(code, data, place + 1)
        if size is None:
            return
        yield code, data[place + 1 : place + 1 + size]
        place += 1 + size


def _size(code: int, data: bytes, place: int) -> int | None:
    if code == _CATALOG:
        return data[place] + 2
    if code in (_TIME_ZONE, _CATALOG_NZ):
        return data[place] + 1
    if code == _INVOKER:
        user = data[place]
        return user + data[place + 1 + user] + 2
    if code == _UPDATED_DBS:
        end = place + 1
        for _ in range(0 if data[place] == _TOO_MANY else data[place]):
            end = data.index(0, end) + 1
        return end - place
    return _SIZES.get(code)
