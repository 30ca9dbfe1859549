"""Configuration: a stack's settings, read and checked; everything else gets them as frozen dataclasses.

``settings``          reads the stack's configuration, the only module that does, and reports all errors of it together
``setting_groups``    the keys, grouped per component
``rules``             what must hold of each key
``contradictions``    what keys must agree on
``descriptions``      the captured tables that are described in ``schemas/``, and the catalog that they make
``rds_certificates``  the certificate authorities of the database, per Region, from ``rds_ca/``
"""
