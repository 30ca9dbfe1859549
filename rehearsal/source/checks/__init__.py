"""Checks: whether the source is fit to be captured, asked before anything is.

``preflight``        what DMS requires of server and user
``declared_checks``  what the program declares that must hold
``readable``         whether the capture user can read what the mappings select
"""
