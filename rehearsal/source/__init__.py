"""Source: the database whose changes are captured, and how it is read.

kinds        the sample on a server of our own, or a server of the user's
mariadb      plays the Aurora cluster with the declared parameter group; parameters, certificates, supervisor help it
sample       loads the ticket shop of ``sample/`` and lets things happen in it
server       connects
catalog      tables, positions, rows; queries and preflight help it
binlog       transactions of the binlog; binlog_stream speaks the protocol, binlog_statements reads SQL texts
rows         row events to changes; row_types, row_decode, row_temporals and charsets read single values
"""
