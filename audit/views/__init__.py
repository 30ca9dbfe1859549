"""Views: the second audit. The declared views, asked as users ask them, must show the source's rows.

With ``audit.log`` it shares no code for order, keys and types, on purpose: two readings that are wrong in the same way
would agree. Its order is that of the declared SQL.

``audit``    runs it
``queries``  a query, and what is said of one that fails
``lines``    whether queries see every line that was delivered
``counts``   whether the views of changes have every record
``tables``   which view shows a table's rows, and what is said of a table without one
``compare``  one table by checksums (``audit.sql``), and by the rows that differ
``rows``     whether rows that were read are the source's
``types``    when what a view gives is the source's value
"""
