"""The rehearsal: runs what a stack declares with real rows on this machine, and audits the lake against the source.

The way of the data, one package a service:

``source``       the database, real: MariaDB plays Aurora; its catalog, its rows, its binlog
``replication``  plays the DMS task: rows and binlog events become DMS records in the stream
``stream``       plays Kinesis Data Streams, over HTTP
``delivery``     plays Firehose: records become objects
``lake``         plays S3, over HTTP
``athena``       plays Athena: the declared catalog and views over the objects

``plan`` reads from a Declaration what is to be played, ``play`` plays it and has the lake audited, ``runtime`` is what
all parts run on. Few modules talk to people: ``cli`` is the command line, ``report`` what came of a rehearsal,
``describe`` writes descriptions of tables, ``bench`` measures.
"""
