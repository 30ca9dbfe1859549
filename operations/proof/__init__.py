"""Proof: the audit of a stack that runs, by the code of the rehearsal's second audit.

``catalog``   the views that the running stack has in Glue
``captured``  the tables that the task captures, as the source has them, and what it promises of them
``source``    a table of the source, asked in pieces where one answer would be too large
``waiting``   how often a row that differs is asked again
``report``    what the audit comes to, for people and machines
"""
