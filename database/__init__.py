"""Database: a MySQL-compatible server as everybody reads it who plays, audits or operates the pipeline.

``url``         the server that ``--source`` names
``server``      where it is, who connects, and values in the forms of model/table.py
``session``     what every session sets and asks back, so that it reads what is there
``queries``     the little SQL that everybody needs
``floats``      32-bit numbers
``catalog``     tables and their rows
``definition``  all that there is to know of a table
``privileges``  which tables the user may read
"""
