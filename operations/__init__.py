"""Operations: commands over the outputs of a stack that runs on AWS.

``cli``       the command line: one command a module of ``operations.commands``
``command``   what a command is given: outputs, clients, a place to talk to
``outputs``   the stack's outputs, typed
``clients``   calls of AWS, and what their errors tell people
"""
