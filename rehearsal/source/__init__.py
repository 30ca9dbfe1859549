"""Source: the database whose changes are captured, and how it is read.

``source``         what a source is to the rehearsal
``sample_source``  the sample on a server of our own
``sample``         the sample itself: loads the ticket shop and lets things happen in it
``restorable``     the same, restored from a snapshot into another server
``own_source``     a server of the user's
``mariadb``        plays the Aurora cluster
``log_end``        how far the binlog goes, and snapshots at such a place
``checks``         whether the source is fit to be captured
``binlog``         what happened: transactions and schema changes
"""
