"""Log: the first audit. The lake's records, put in order, must lead to the source's rows and tell of every change.

With ``audit.views`` it shares no code for order, keys and types, on purpose: two readings that are wrong in the same
way would agree.

``audit``         runs it
``records``       a JSON document as a DMS record
``table_reader``  how the records of one table are read: rows, keys, differences
``values``        when a JSON value and a value of the source say the same
``table_log``     one table's records, each change once, in the order in which they happened
``fold``          the rows that the log of a table with a primary key leaves
``compare``       those rows against the source's
``keyless``       both for a table without a primary key
``history``       whether the changes join up: a lost change in between is found though the rows are right
``acknowledged``  whether every record is there that the task knows to have written
"""
