"""Mappings: the grammar of a DMS task's table mappings, parsed. No I/O.

The replication writes by it and the audit compares by it, each with code of its own.

``table_mappings``   the whole document: which tables it captures, and what each becomes
``rules``            what all rules share: their keys, their names with wildcards, their refusal
``filters``          source filters: which rows
``transformations``  transformation rules: names, columns, types, masks
``object_mapping``   object-mapping rules: the records of one table
``target``           what comes out for one table
``dms_types``        what DMS calls the types of MySQL
``rule_warnings``    what to warn of before it is too late
"""
