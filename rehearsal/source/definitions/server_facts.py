"""Server facts: what a server tells of itself that decides what the statements in its log mean."""

from __future__ import annotations

import re
from typing import Any

import pymysql

from database.queries import ask, is_mariadb
from rehearsal.source.definitions.dialect import Dialect

_FULL_COLLATIONS = 101001  # MariaDB's collations that go with any character set have numbers in another table
_LEAST_BYTES = {"ucs2": 2, "utf16": 2, "utf16le": 2, "utf32": 4}


def dialect(connection: pymysql.Connection[Any]) -> Dialect:
    """The server's dialect."""
    mariadb = is_mariadb(connection)
    ((text, charset, folding),) = ask(
        connection, "SELECT VERSION(), @@global.character_set_server, @@global.lower_case_table_names"
    )
    version = _version(text)
    source = "collation_character_set_applicability" if mariadb and version >= _FULL_COLLATIONS else "collations"
    numbers = ask(connection, f"SELECT id, character_set_name FROM information_schema.{source}")
    charsets = ask(connection, "SELECT character_set_name, maxlen FROM information_schema.character_sets")
    explicit = ask(connection, "SHOW GLOBAL VARIABLES LIKE 'explicit_defaults_for_timestamp'")
    return Dialect(
        mariadb=mariadb,
        version=version,
        charsets={name: (_LEAST_BYTES.get(name, 1), most) for name, most in charsets},
        collations={number: name for number, name in numbers if number is not None},
        charset=charset,
        folds_names=folding != 0,
        explicit_timestamps=not explicit or explicit[0][1] == "ON",
    )


def schema_charsets(connection: pymysql.Connection[Any]) -> dict[str, str]:
    """The default character set of each schema that the user may see."""
    return dict(ask(connection, "SELECT schema_name, default_character_set_name FROM information_schema.schemata"))


def _version(text: str) -> int:
    """``10.11.19-MariaDB`` as 101119."""
    major, minor, patch = (int(part) for part in re.findall(r"\d+", text.removeprefix("5.5.5-"))[:3])
    return major * 10000 + minor * 100 + patch
