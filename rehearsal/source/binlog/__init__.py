"""Binlog: what happened in the source, read from its binlog as a replica does.

``reader``       committed transactions and schema changes
``stream``       the events, over the replication protocol
``statements``   what a SQL text in the log means
``event_kinds``  which events hold no rows, and which are refused
``written_tables`` which tables a statement in the place of rows may write
``xa``           names of distributed transactions
``queries``      a statement and its session
``rows``         row events to changes
``row_metadata`` what a table map says of its columns, against their definition
``row_types``    which decoder reads a column
``numerics``     numbers and bits in a row
``strings``      texts, bytes and labels in a row
``temporals``    dates and times in a row
``json_documents`` MySQL's binary JSON in a row
``charsets``     bytes to text, by character set
``decode``       what a decoder is
"""
