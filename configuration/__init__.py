"""Configuration: a stack's settings, read and checked; everything else gets them as frozen dataclasses.

``settings``          reads the stack's configuration, the only module that does, and reports all errors of it together
``setting_groups``    the keys, grouped per component
``rule``              what a rule is, and a problem that breaks it
``rules``             what must hold of each key
``aws_names``         what AWS takes as a Region, an ARN, a class, a version or a user
``table_rules``       what must hold of the keys that say which tables are captured
``column_rules``      what must hold of the keys that say which columns and rows leave the database
``mapped_tables``     whether the described tables can be mapped so, by the grammar of ``mappings/``
``further_rules``     the user's own file of rules, ``mappingRules``
``fixed``             which keys cannot change on a stack that exists
``contradictions``    what keys must agree on
``cautions``          what is legal and probably not meant
``watched``           what of the settings the alarms depend on
``descriptions``      the captured tables that are described in ``schemas/``, and the catalog that they make
``rds_certificates``  the certificate authorities of the database, per Region, from ``rds_ca/``
"""
