"""Reading: tokens one after the other, as a grammar asks for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from rehearsal.source.definitions.dialect import Dialect, Session, UnreadableError
from rehearsal.source.definitions.tokens import Kind, Token, tokens

_T = TypeVar("_T")
Name = tuple[str, str]
"""Schema and table."""

EQUALS = Token(Kind.SYMBOL, "=")
_END = Token(Kind.SYMBOL, "")


class Reading:
    """A statement that is read; ``dialect`` and ``session`` say what it means. All but ``at`` and ``peek`` go on."""

    def __init__(self, statement: str, dialect: Dialect, session: Session) -> None:
        self.dialect, self.session = dialect, session
        self._tokens = tokens(statement, dialect, session)
        while self._tokens and self._tokens[-1] == Token(Kind.SYMBOL, ";"):
            self._tokens.pop()
        self._place = 0

    def peek(self, ahead: int = 0) -> Token:
        """The next token, or one behind it; an empty symbol at the end."""
        place = self._place + ahead
        return self._tokens[place] if place < len(self._tokens) else _END

    def word(self) -> str:
        """The keyword that comes next, in upper case; empty if something else comes."""
        token = self.peek()
        return token.text.upper() if token.kind is Kind.WORD else ""

    @property
    def ended(self) -> bool:
        """Whether nothing is left."""
        return self._place >= len(self._tokens)

    def at(self, *words: str) -> bool:
        """Whether these keywords, in upper case, or symbols come next."""
        return all(_is(self.peek(ahead), word) for ahead, word in enumerate(words))

    def take(self, *words: str) -> bool:
        """Pass these words if they come next; whether they did."""
        there = self.at(*words)
        self._place += len(words) if there else 0
        return there

    def take_one(self, *words: str) -> str:
        """Pass the one of ``words`` that comes next, and give it; empty if none does."""
        return next((word for word in words if self.take(*word.split())), "")

    def need(self, *words: str) -> None:
        """Pass these words; UnreadableError if others come."""
        if not self.take(*words):
            raise UnreadableError(f"{' '.join(words)} is expected {self._here()}")

    def next(self) -> Token:
        """Whatever comes next."""
        if self.ended:
            raise UnreadableError("it breaks off")
        self._place += 1
        return self._tokens[self._place - 1]

    def name(self) -> str:
        """A name, in quotes or not."""
        if self.peek().kind not in (Kind.WORD, Kind.NAME):
            raise UnreadableError(f"a name is expected {self._here()}")
        return self.next().text

    def table_name(self) -> Name:
        """``schema.table`` or ``table`` of the session's schema."""
        first = self.name()
        return (first, self.name()) if self.take(".") else (self.session.schema, first)

    def number(self) -> int:
        """A whole number."""
        if self.peek().kind is not Kind.NUMBER:
            raise UnreadableError(f"a number is expected {self._here()}")
        return int(self.next().text)

    def string(self) -> str:
        """A text in quotes."""
        if self.peek().kind is not Kind.STRING:
            raise UnreadableError(f"a text in quotes is expected {self._here()}")
        return self.next().text

    def names(self) -> tuple[str, ...]:
        """``(a, b(10) DESC)``: the names. UnreadableError for an expression in the place of one."""
        return self.enclosed(self._key_part)

    def listed(self, item: Callable[[], _T]) -> tuple[_T, ...]:
        """One ``item`` or several, with commas between them."""
        found = [item()]
        while self.take(","):
            found.append(item())
        return tuple(found)

    def enclosed(self, item: Callable[[], _T]) -> tuple[_T, ...]:
        """The same in parentheses."""
        self.need("(")
        found = self.listed(item)
        self.need(")")
        return found

    def group(self) -> list[Token]:
        """The tokens of ``( … )``, without the parentheses."""
        self.need("(")
        start, depth = self._place, 1
        while depth:
            token = self.next()
            depth += {"(": 1, ")": -1}.get(token.text, 0) if token.kind is Kind.SYMBOL else 0
        return self._tokens[start : self._place - 1]

    def pass_item(self) -> None:
        """Go to the comma or parenthesis that ends an item of a list, or to the end."""
        while not self.ended and not self.at(",") and not self.at(")"):
            if self.at("("):
                self.group()
            else:
                self.next()

    def pass_all(self) -> None:
        """Go to the end."""
        self._place = len(self._tokens)

    def refuse(self) -> UnreadableError:
        """An error that says what comes next."""
        return UnreadableError(f"the rehearsal does not know what this means {self._here()}")

    def _key_part(self) -> str:
        name = self.name()
        if self.at("("):
            self.group()
        self.take_one("ASC", "DESC")
        return name

    def _here(self) -> str:
        if self.ended:
            return "at its end"
        return "at " + " ".join(self.peek(ahead).text for ahead in range(4)).strip()[:60]


def _is(token: Token, word: str) -> bool:
    if token.kind is Kind.WORD:
        return token.text.upper() == word
    return token.kind is Kind.SYMBOL and token.text == word
