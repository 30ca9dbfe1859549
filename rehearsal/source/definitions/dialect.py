"""Dialect: the facts of a server, and of the session that ran a statement, which decide what the statement means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_ANSI_QUOTES, _REAL_AS_FLOAT, _ORACLE, _NO_BACKSLASH_ESCAPES = 1 << 2, 1 << 0, 1 << 9, 1 << 20
_WITHOUT_WIDTHS = 80019  # MySQL: https://dev.mysql.com/doc/relnotes/mysql/8.0/en/news-8-0-19.html


class UnreadableError(Exception):
    """A statement, or a part of it, that cannot be read or does not fit the definitions. The text says why."""


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """A server, as far as it decides how a statement is read and how the catalog tells of its outcome."""

    mariadb: bool
    version: int
    """``101119`` for 10.11.19, ``80032`` for 8.0.32."""
    charsets: Mapping[str, tuple[int, int]]
    """The least and the most bytes of a character, by the character set's name in the catalog."""
    collations: Mapping[int, str] = field(default_factory=dict)
    """Character set by the number of a collation, as the log has it."""
    charset: str = "utf8mb4"
    """Of a database that is made without one, in a session that does not say."""
    folds_names: bool = False
    """Whether names of schemas and tables that differ in case only are one name (lower_case_table_names)."""
    explicit_timestamps: bool = True
    """explicit_defaults_for_timestamp, for a session that does not say."""

    @property
    def widths(self) -> bool:
        """Whether the catalog shows the display width of integers, ``int(11)``."""
        return self.mariadb or self.version < _WITHOUT_WIDTHS

    def executes(self, version: int | None, *, mariadb_only: bool) -> bool:
        """Whether the server reads what stands in ``/*!50000 … */`` or ``/*M!100100 … */``.

        https://mariadb.com/kb/en/comment-syntax/
        """
        if not self.mariadb and mariadb_only:
            return False
        if version is None:
            return True
        mysql_only = self.mariadb and not mariadb_only and 50700 <= version <= 99999
        return version <= self.version and not mysql_only

    def charset_named(self, name: str) -> str:
        """The catalog's name of a character set. UnreadableError for one that the server does not have."""
        lower = name.lower()
        candidates = ("utf8mb3", "utf8") if lower in ("utf8", "utf8mb3") else (lower,)
        for candidate in candidates:
            if candidate in self.charsets:
                return candidate
        raise UnreadableError(f"the server has no character set {name}")

    def charset_of_collation(self, collation: str) -> str | None:
        """The character set of ``utf8mb4_bin``; None for a collation that goes with any, as ``uca1400_ai_ci``."""
        prefix = collation.lower().partition("_")[0]
        return None if prefix.startswith("uca") else self.charset_named(prefix)

    def folded(self, name: str) -> str:
        """By what a schema's or table's name is recognised."""
        return name.lower() if self.folds_names else name


@dataclass(frozen=True, kw_only=True)
class Session:
    """What a session had set when it ran a statement."""

    schema: str = ""
    """Its default schema; may be empty."""
    sql_mode: int = 0
    """The bits of sql_mode, as the log has them."""
    server_charset: str = ""
    """Of a database that it makes; empty if the log does not say."""
    explicit_timestamps: bool | None = None
    error: int = 0
    """With which the statement failed on the server; 0 if it did not."""

    @property
    def ansi_quotes(self) -> bool:
        """Whether ``"x"`` is a name, not a string."""
        return bool(self.sql_mode & _ANSI_QUOTES)

    @property
    def backslash_escapes(self) -> bool:
        """Whether a backslash in a string escapes what follows it."""
        return not self.sql_mode & _NO_BACKSLASH_ESCAPES

    @property
    def real_as_float(self) -> bool:
        """Whether REAL is FLOAT, not DOUBLE."""
        return bool(self.sql_mode & _REAL_AS_FLOAT)

    @property
    def oracle(self) -> bool:
        """Whether MariaDB reads the statement as Oracle would."""
        return bool(self.sql_mode & _ORACLE)
