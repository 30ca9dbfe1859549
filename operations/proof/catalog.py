"""The views of rows that the running stack has in its Glue database.

Only those of the rows as they are now: where an Iceberg table is kept for one, the view by the whole log beside it
would read the whole log. https://docs.aws.amazon.com/glue/latest/webapi/API_GetTables.html
"""

from __future__ import annotations

from model import PipelineError
from model.glue_view import read_view, shown_kind, shown_table
from model.plan import CatalogPlan, ViewPlan
from operations.clients import Clients
from operations.outputs import Outputs

RIGHTS = ("glue:GetTables",)
CURRENT = "current"
_VIEW = "VIRTUAL_VIEW"


def catalog(clients: Clients, outputs: Outputs) -> CatalogPlan:
    """The views. Raises PipelineError, also for one that Athena could not read."""
    views = []
    for table in clients.every("glue", "get_tables", "TableList", DatabaseName=outputs.query_database):
        parameters = table.get("Parameters", {})
        if table.get("TableType") != _VIEW or shown_kind(parameters) != CURRENT:
            continue
        try:
            document = read_view(table.get("ViewOriginalText", ""), parameters)
        except ValueError as error:
            raise PipelineError(
                f"the view {table['Name']} of {outputs.query_database} is not as the program declares it: {error}. "
                "Somebody changed it; `pulumi up --refresh` makes it again"
            ) from None
        views.append(
            ViewPlan(
                name=table["Name"],
                sql=document["originalSql"],
                columns=tuple((column["name"], column["type"]) for column in document["columns"]),
                table=shown_table(parameters),
                kind=CURRENT,
            )
        )
    if not views:
        raise PipelineError(
            f"the Glue database {outputs.query_database} has no view of any table's rows, so nothing shows "
            "what the lake has: describe the tables (python -m rehearsal describe --source …) and run `pulumi up`"
        )
    return CatalogPlan(database=outputs.query_database, tables=(), views=tuple(views), queries=())
