"""The lake's SQL as a parser that knows Athena reads it."""

from __future__ import annotations

import sqlglot
from sqlglot import exp


def query(sql: str) -> exp.Query:
    """The tree of a query; fails on what is no query of Athena."""
    tree = sqlglot.parse_one(sql, read="athena", error_level=sqlglot.ErrorLevel.RAISE)
    assert isinstance(tree, exp.Query)
    return tree


def reads(sql: str) -> set[tuple[str, str]]:
    """Database and name of each table that the query reads, without its own WITH."""
    tree = query(sql)
    own = {common.alias for common in tree.find_all(exp.CTE)}
    return {(it.db, it.name) for it in tree.find_all(exp.Table) if it.name not in own}


def strings(sql: str) -> set[str]:
    """The text literals of the query."""
    return {token.text for token in sqlglot.tokenize(sql, read="athena") if token.token_type.name == "STRING"}
