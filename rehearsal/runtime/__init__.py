"""Runtime: what all parts of a rehearsal run on.

``worker``         a part in a process of its own
``clients``        boto3 clients for the local endpoints
``progress_bars``  how far each part is, for whoever watches
``stopwatch``      how long each stage took
"""
