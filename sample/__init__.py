"""Sample: a ticket shop of our own, as SQL (``schema.sql``, ``procedures.sql``), and what to call in which order."""

from sample.shop import SCHEMA, Call, calls, schema, statements

__all__ = ["SCHEMA", "Call", "calls", "schema", "statements"]
