"""Where changes come from: a database of this program's, or one that is there. Both have the same outputs."""

from __future__ import annotations

from components.existing_database import ExistingDatabase, ExistingDatabaseArgs
from components.source_database import SourceDatabase, SourceDatabaseArgs

Source = SourceDatabase | ExistingDatabase


def source_for(mode: str, name: str, *, own: SourceDatabaseArgs, existing: ExistingDatabaseArgs) -> Source:
    """The database that ``databaseMode`` asks for, ``own`` or ``existing``."""
    return {"own": lambda: SourceDatabase(name, own), "existing": lambda: ExistingDatabase(name, existing)}[mode]()
