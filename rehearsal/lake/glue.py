"""Glue's optimistic locking, which moto does not play: of two changes of one version of a table, the second is refused.

Iceberg's commit rests on it: it names the version of the table that it has read.
https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateTable.html
https://iceberg.apache.org/docs/latest/aws/#optimistic-locking
"""

from __future__ import annotations

from threading import Lock


def refuse_stale_versions() -> None:
    """Have moto's Glue, in this process, refuse an update of a table that names another version than the newest."""
    from moto.core.exceptions import JsonRESTError  # a third of a second to import, and only Trino needs it
    from moto.core.responses import ActionResult
    from moto.glue.responses import GlueResponse

    played, lock = GlueResponse.update_table, Lock()

    def update_table(self: GlueResponse) -> ActionResult:
        named = self.parameters.get("VersionId")
        with lock:
            name = self.parameters["TableInput"]["Name"]
            table = self.glue_backend.get_table(self.parameters["DatabaseName"], name)
            if named and named != table.as_dict()["VersionId"]:
                text = f"{name} is not at version {named} any more"
                raise JsonRESTError("ConcurrentModificationException", text)
            return played(self)

    GlueResponse.update_table = update_table
