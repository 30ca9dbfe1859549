"""Fitness: whether the database, the connections and the rights are what the task needs, before it needs them.

``checks``       the declared checks, for how long the binlog is kept, and whether it holds the task's place
``connections``  DMS's own test of both connections
``grants``       the tables that the task captures, and whether its user may read them
``restarts``     what waits for a restart, and what one would do
"""
