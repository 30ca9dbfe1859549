"""sqlglot's tables for Athena's SQL, made once: the process that all parts are forked from imports this."""

from __future__ import annotations

from rehearsal.athena.dialect import translated

translated(
    """WITH a AS (
        SELECT TRY_CAST(json_extract_scalar(line, '$["a"]["b"]') AS integer) AS x,
            IF(json_extract_scalar(line, '$["a"]["c"]') IS NULL, 'none', concat_ws(', ', "y", 'z')) AS z
        FROM t CROSS JOIN UNNEST(ARRAY[true, false]) AS u (v) WHERE NOT v AND "y" IN ('a', 'b'))
    SELECT x, coalesce(z, '') AS z, max(x) AS m, row_number() OVER (PARTITION BY z ORDER BY x DESC) AS n
    FROM a GROUP BY x, z"""
)
