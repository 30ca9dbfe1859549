"""Unnesting: ``CROSS JOIN UNNEST(…)`` as DuckDB does it row by row.

As a join, DuckDB holds every row beside which an array is unnested, with all its columns and more memory than it may
spill. In the list of an inner SELECT the same array needs one row at a time.
"""

from __future__ import annotations

from sqlglot import exp

_OWN = "cdc_"


def streamed(query: exp.Expr) -> exp.Expr:
    """``query``, changed: the last join of a SELECT, if it unnests one array, is in an inner SELECT.

    Not where a column is told by its table's name, which the inner SELECT takes away; and only if the elements have a
    name of the program's own. In the inner SELECT nobody would see that another column has it, too, so this is for SQL
    that the program declares, and not for a user's.
    """
    for select in list(query.find_all(exp.Select)):
        joins = select.args.get("joins") or []
        unnest = joins[-1].this if joins else None
        if not isinstance(unnest, exp.Unnest) or select.is_star or any(it.table for it in select.find_all(exp.Column)):
            continue
        alias = unnest.args.get("alias")
        if joins[-1].kind != "CROSS" or unnest.args.get("offset") or len(unnest.expressions) != 1:
            continue
        if alias is None or len(alias.columns) != 1 or not alias.columns[0].name.startswith(_OWN):
            continue
        _move(select, unnest.expressions[0], alias.columns[0])
    return query


def _move(select: exp.Select, array: exp.Expr, name: exp.Identifier) -> None:
    *others, last = select.args["joins"]
    last.pop()
    inner = exp.select("*", exp.alias_(exp.Explode(this=array.copy()), name.copy(), copy=False), copy=False)
    inner.set("from_", select.args["from_"].pop())
    inner.set("joins", [join.pop() for join in others])
    select.set("from_", exp.From(this=inner.subquery(copy=False)))
