"""Plan: what is to be played, read from the resource inputs of a Declaration as AWS would see them.

``pipeline``  database, task, stream, and all together
``delivery``  the delivery stream
``catalog``   the Glue catalog and the saved queries
``inputs``    what must be there of a resource
"""
