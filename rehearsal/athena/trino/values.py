"""Values for the ``?`` of a query, which on Trino have a type: ``10`` is an integer and ``'10'`` is a text.

Athena takes SQL for them (https://docs.aws.amazon.com/athena/latest/ug/querying-with-prepared-statements.html).
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

_MOST_BIGINT = 2**63 - 1


def typed(given: object) -> object:
    """``given``, or what it is as a literal of SQL if it is a text that is one: ``DATE '2026-11-29'`` is a day."""
    if not isinstance(given, str):
        return given
    try:
        literal = sqlglot.parse_one(given, read="athena")
    except SqlglotError:
        return given
    sign = -1 if isinstance(literal, exp.Neg) else 1
    inner = literal.this if isinstance(literal, exp.Neg) else literal
    if isinstance(inner, exp.Literal) and inner.is_string:
        return given if sign < 0 else inner.name
    if isinstance(inner, exp.Literal):
        return _number(sign, inner.name)
    if isinstance(literal, exp.Boolean):
        return literal.this
    if isinstance(literal, exp.Cast) and isinstance(literal.this, exp.Literal) and literal.this.is_string:
        return _cast(literal.to.this, literal.this.name, given)
    return given


def _number(sign: int, text: str) -> object:
    number = Decimal(text)
    if "e" in text.lower():
        return sign * float(text)
    whole = number.as_tuple().exponent == 0 and number <= _MOST_BIGINT
    return sign * int(number) if whole else sign * number


def _cast(kind: object, text: str, given: str) -> object:
    types = {exp.DataType.Type.DATE: date.fromisoformat, exp.DataType.Type.TIMESTAMP: datetime.fromisoformat}
    try:
        return Decimal(text) if kind is exp.DataType.Type.DECIMAL else types[kind](text)
    except (KeyError, ValueError, ArithmeticError):
        return given
