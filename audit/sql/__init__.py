"""SQL: the audit where the data is. Both sides compute counts and checksums in SQL; only rows that differ are read.

A row's *canonical text* is the same on both sides exactly where its values are equal (``forms``). A *range* is all rows
whose key has a SHA-1 that begins with the same hexadecimal digits: one rule for every key, whatever its type, collation
or order. A range that differs is divided by more digits and asked again. Statements only, no I/O: a side is asked
through an `Ask`.

``asking``      what runs a query
``forms``       the canonical text of a value, in Python
``comparison``  what is compared of one table
``mysql``       the source's statements
``athena``      the lake's statements
``sides``       both sides, as they are asked; the source's also as rows that are kept
``ranges``      which ranges differ
"""

from audit.sql.asking import Answer, Ask
from audit.sql.comparison import Comparison
from audit.sql.ranges import EVERYTHING, Digest, Side, Unlike, digest_of, unlike
from audit.sql.sides import KeptRows, SqlLake, SqlSource, first_digests

__all__ = [
    "EVERYTHING",
    "Answer",
    "Ask",
    "Comparison",
    "Digest",
    "KeptRows",
    "Side",
    "SqlLake",
    "SqlSource",
    "Unlike",
    "digest_of",
    "first_digests",
    "unlike",
]
