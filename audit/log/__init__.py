"""Log: the first audit. The lake's records, put in order, must lead to the source's rows and tell of every change.

With ``audit.views`` it shares no code for order, keys and types, on purpose: two readings that are wrong in the same
way would agree.

In the order of the work, share by share where the lake is large:

``audit``         runs it
``spool``         what waits for its turn, in shares if it is much
``reading``       objects to entries
``records``       a JSON document as a DMS record
``table_reader``  how the records of one table are read: rows, keys, differences
``values``        when a JSON value and a value of the source say the same
``table_log``     what is said of one table's records as they are read, and what orders them
``settling``      of each change the last copy
``chain``         whether the change is there that a change names as the one before it
``acknowledged``  whether every record is there that the task knows to have written
``resets``        where a table starts anew
``fold``          the rows that the log of a table with a primary key leaves
``history``       whether the changes of each key join up: a lost change in between is found though the rows are right
``compare``       those rows against the source's
``keyless``       all three for a table without a primary key
``latency``       how long after its commit each change was in the lake
"""
