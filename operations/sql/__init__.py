"""SQL of a running stack, each side by one ``ask(statement)`` that gives an :class:`Answer`.

``data_api``  the stack's own database, over the RDS Data API
``server``    a database by its address, over PyMySQL
``athena``    the lake, in the declared workgroup
``source``    which of the first two a command asks
"""

from operations.sql.answer import Answer, Ask, Source

__all__ = ["Answer", "Ask", "Source"]
