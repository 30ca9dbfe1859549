"""Health: what the stations of a row's way tell of themselves, and what that comes to.

``look``     one round: what is asked once, for all parts
``part``     a station: facts, problems, and what could not be asked
``database``, ``task``, ``stream``, ``delivery``, ``lake``, ``alarms``  the stations
``dms``      what DMS tells of the replication and its tables
``metrics``  the metrics of all of them
``verdict``  what the parts come to: the first cause, and what mends it
``screen``   the parts on one screen
"""
