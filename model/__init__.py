"""The model: the words that all rooms share.

The ground floor of all that plays, judges or operates the pipeline. No I/O here and nothing of AWS: the source gives
these values, the replication makes DMS records of them, the audit compares them.

``table``   tables, columns, and the forms of the values in their rows
``change``  changes of rows, transactions, and positions in the binlog
``plan``    what is declared, in the terms of the services that the rehearsal plays
``window``  stretches of the binlog that are read again
``glue_view``  what Athena keeps of a view in the catalog
``errors``  the error of a part that refuses
"""

from model.change import Change, Idle, Position, SchemaChange, TableChange, Transaction
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
    "TableChange",
    "Transaction",
    "Value",
    "qualified",
]
