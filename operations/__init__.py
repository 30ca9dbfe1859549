"""Operations: commands over the outputs of a stack that runs on AWS.

``cli``       the command line: one command a module of ``operations.commands``
``command``   what a command is given: outputs, clients, a place to talk to
``outputs``   the stack's outputs, typed
``clients``   calls of AWS, and what their errors tell people
``job``       the stack's task or serverless replication: looked at, started, stopped
``wait``      how long a command waits for it
``binlog``    what of its binlog the source keeps
``journal``   what a replay leaves behind, on disk
``second_task``  the task of a replay
``redrive``   what could not be delivered goes back into the stream; ``failed`` is how it lies in the bucket
"""
