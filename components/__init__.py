"""Components: what the program declares, one ComponentResource a file; ``__main__.py`` composes them.

``network``                 subnets, security groups, endpoints
``data_key``                the KMS key of everything
``captured_database``       what both kinds of database have in common
``source_database``         the program's own: Aurora MySQL, its parameters and secrets
``database_instances``      its instances
``sql_bootstrap``           the SQL that makes its capture user, as a resource
``data_api``                the RDS Data API, by which that SQL is run
``existing_database``       a database that is not the program's
``stream_to_lake``          Kinesis, Firehose and the lake's bucket
``private_bucket``          a bucket as every bucket should be
``cdc_replication``         DMS: endpoints, and the task that follows the binlog
``replication_job``         what both kinds of task have in common
``instance_replication``    a task on a replication instance
``serverless_replication``  a task on capacity that DMS finds itself
``dms_service_roles``       the roles that DMS looks for in every account
``lake_query``              Glue catalog, Athena workgroup, saved queries
``workgroup``               how a workgroup of Athena is configured
``lake_tables``             Iceberg tables, and the state machine that keeps them by MERGE
``table_rights``            of that, what the state machine may do
``heartbeat``               a schedule that changes one row, so that an idle database is not silent
``pipeline_watch``          alarms and events, of which people are told
``alarm_topic``             the topic that tells them
``policies``                IAM documents as JSON text
"""
