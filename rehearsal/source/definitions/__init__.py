"""Definitions: what each table is at one place of the log, followed statement by statement.

The catalog tells what a table is now; its rows in the binlog were written for what it was then. So the statements of
the log are applied to the definitions as they stood before them. What cannot be read or applied is refused by name.

``dialect``      facts of server and session that decide what a statement means
``tokens``       a SQL text to words, names, strings and numbers
``reading``      reads tokens one after the other
``written_types`` a column's type as a statement writes it
``types``        a column as the catalog tells it
``columns``      a column as a statement defines it
``options``      the options of a table
``alteration``   ALTER TABLE, as it is read
``altered``      what a table is after it
``statements``   all other statements that make, change or take away tables
``definitions``  the definitions of all tables, and what a statement does to them
``kept``         definitions as JSON, to resume from
"""
