"""Tokens: a SQL text of MySQL or MariaDB to words, names, strings, numbers and symbols.

Comments are passed over, also in the middle of a statement; what stands in an executable comment is read if the server
reads it. https://mariadb.com/kb/en/comment-syntax/, https://dev.mysql.com/doc/refman/8.0/en/string-literals.html
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import NamedTuple

from rehearsal.source.definitions.dialect import Dialect, Session, UnreadableError


class Kind(Enum):
    """What a token is."""

    WORD = auto()
    """A keyword, or a name without quotes."""
    NAME = auto()
    """A name in quotes."""
    STRING = auto()
    NUMBER = auto()
    SYMBOL = auto()


class Token(NamedTuple):
    """A token; ``text`` of a name or string is what stands between its quotes, unescaped."""

    kind: Kind
    text: str


def _pattern(*, escapes: bool) -> re.Pattern[str]:
    def in_quotes(quote: str) -> str:
        return (
            rf"{quote}((?:[^{quote}\\]|\\.|{quote}{quote})*){quote}"
            if escapes
            else rf"{quote}((?:[^{quote}]|{quote}{quote})*){quote}"
        )

    return re.compile(
        r"(?P<space>[\s\x00]+|\#[^\n]*|--(?=[\x00-\x20]|$)[^\n]*)"
        r"|(?P<executable>/\*(?P<mariadb>M?)!(?P<version>\d{5,6})?)"
        r"|(?P<comment>/\*)"
        r"|(?P<end>\*/)"
        r"|(?P<name>`((?:[^`]|``)*)`)"
        rf"|(?P<single>{in_quotes(chr(39))})"
        rf"|(?P<double>{in_quotes(chr(34))})"
        r"|(?P<number>\d+(?![0-9A-Za-z_$\u0080-\U0010ffff]))"
        r"|(?P<word>[0-9A-Za-z_$\u0080-\U0010ffff]+)"
        r"|(?P<symbol>.)",
        re.DOTALL | re.ASCII,
    )


_WITH_ESCAPES, _WITHOUT_ESCAPES = _pattern(escapes=True), _pattern(escapes=False)
_COMMENT_BORDER = re.compile(r"/\*|\*/")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a", "%": r"\%", "_": r"\_"}


def tokens(statement: str, dialect: Dialect, session: Session) -> list[Token]:
    """The tokens of ``statement``. UnreadableError for a comment, name or string without an end."""
    pattern = _WITH_ESCAPES if session.backslash_escapes else _WITHOUT_ESCAPES
    found: list[Token] = []
    place = 0
    while place < len(statement):
        match = pattern.match(statement, place)
        assert match, "any character is at least a symbol"
        place = match.end()
        group = match.lastgroup
        if group == "executable" or group in ("mariadb", "version"):
            version = int(match["version"]) if match["version"] else None
            if not dialect.executes(version, mariadb_only=bool(match["mariadb"])):
                place = _behind_comment(statement, place)
        elif group == "comment":
            place = _behind_comment(statement, place)
        elif group not in ("space", "end"):
            found.append(_token(match, session))
    return found


def _token(match: re.Match[str], session: Session) -> Token:
    text = match[0]
    if match["name"] is not None:
        return Token(Kind.NAME, text[1:-1].replace("``", "`"))
    if match["single"] is not None:
        return Token(Kind.STRING, _unquoted(text, session))
    if match["double"] is not None:
        if session.ansi_quotes:
            return Token(Kind.NAME, text[1:-1].replace('""', '"'))
        return Token(Kind.STRING, _unquoted(text, session))
    if match["number"] is not None:
        return Token(Kind.NUMBER, text)
    if match["word"] is not None:
        return Token(Kind.WORD, text)
    if text in "'\"`":
        raise UnreadableError(f"a {text} has no end")
    return Token(Kind.SYMBOL, text)


def _unquoted(text: str, session: Session) -> str:
    quote, inner = text[0], text[1:-1]
    if not session.backslash_escapes:
        return inner.replace(quote * 2, quote)
    pieces = re.split(r"(\\.)", inner, flags=re.DOTALL)
    return "".join(
        _ESCAPE.sub(lambda escaped: _ESCAPED.get(escaped[1], escaped[1]), piece)
        if place % 2
        else piece.replace(quote * 2, quote)
        for place, piece in enumerate(pieces)
    )


def _behind_comment(statement: str, place: int) -> int:
    """Just behind the comment in which ``place`` lies; comments in it are part of it."""
    depth = 1
    while depth:
        border = _COMMENT_BORDER.search(statement, place)
        if border is None:
            raise UnreadableError("a comment has no end")
        depth += 1 if border[0] == "/*" and _nests(statement, border) else -1 if border[0] == "*/" else 0
        place = border.end()
    return place


def _nests(statement: str, border: re.Match[str]) -> bool:
    return statement[border.end() : border.end() + 1] in ("!", "M")
