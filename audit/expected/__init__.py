"""Expected: what the lake must have, by the declaration and by the source, for both audits.

``expectations``  what the declared task promises of its records
``placement``     the names that the declared delivery stream can give its objects
``table``         one table in the lake's terms: its names, columns and key
``rows``          the source's rows as the declared mappings want them
``table_report``  findings about one table, in terms of its rows and columns
``kept_source``   the source's rows in a folder, for auditing again
"""
