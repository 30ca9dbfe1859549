"""The model: rows, tables, changes and positions, what is declared (plan.py), and the error of a part that refuses.

The ground floor of all that plays, judges or operates the pipeline. No I/O here and nothing of AWS: the source gives
these values, the replication makes DMS records of them, the audit compares them.
"""

from model.change import Change, Idle, Position, SchemaChange, Transaction
from model.errors import PipelineError
from model.table import Column, Row, Table, Value, qualified

__all__ = [
    "Change",
    "Column",
    "Idle",
    "PipelineError",
    "Position",
    "Row",
    "SchemaChange",
    "Table",
    "Transaction",
    "Value",
    "qualified",
]
