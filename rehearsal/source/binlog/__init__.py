"""Binlog: what happened in the source, read from its binlog as a replica does.

``reader``       committed transactions and schema changes
``stream``       the events, over the replication protocol
``foreign``      DML as text that concerns nothing captured
``statements``   what a SQL text in the log means
``queries``      a statement and its session
``rows``         row events to changes
``row_metadata`` what a table map says of its columns, against their definition
``row_types``    which decoder reads a column
``numerics``     numbers and bits in a row
``strings``      texts, bytes and labels in a row
``temporals``    dates and times in a row
``charsets``     bytes to text, by character set
``decode``       what a decoder is
"""
