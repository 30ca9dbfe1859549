"""Documents: the texts that AWS and the database read. Pure functions: no pulumi, no I/O.

``table_patterns``      which tables a configuration means
``column_patterns``     which columns a configuration means, and their masks
``row_filters``         which rows a configuration means
``dms_mappings``        DMS: which tables a task captures, and what of them
``task_settings``       DMS: how a task works
``json_text``           JSON from outside, read or refused
``canonical``           a document as JSON, the same content always as the same bytes
``iam``                 IAM policies
``cluster_parameters``  the parameters of the source cluster
``capture_user``        SQL that makes the user as which DMS reads the binlog
``preflight``           SQL that asks whether the source is fit for DMS, and the right answers
``table_descriptions``  columns and keys of captured tables, from the files of ``schemas/``
``athena_types``        what a column of MySQL becomes in the lake's views
``athena_sql``          the small parts of Athena's SQL
``log_columns``         what the views say of a record, beside the columns of its table
``lake_sql``            the views over the change log
``current_rows``        of them, the view of a table's rows as they are now
``table_forms``         which form an Iceberg table can take when its description changes
``lake_tables``         the Iceberg tables that are kept of it, and the statements that keep them
``versions``            of them, how an image tells its key and its place in the order
``fresh_rows``          the view of such a table and of what the log has had since
``lake_questions``      Athena's saved queries
``lake_catalog``        which raw tables, views and queries there are, and by what names
``watch_table``         the table of metrics that are watched
``watch_alarms``        the alarms of a stack, made of that table
``dashboard``           the page of charts, made of the alarms
``watch_events``        changes of state of which somebody is told
"""
