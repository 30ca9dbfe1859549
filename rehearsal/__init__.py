"""The rehearsal: runs what a stack declares with real rows on this machine, and audits the lake against the source.

The way of the data, one package a service:

    source       the database, real: MariaDB plays Aurora; its catalog, its rows, its binlog
    replication  plays the DMS task: rows and binlog events become DMS records in the stream
    stream       plays Kinesis Data Streams, over HTTP
    delivery     plays Firehose: records become objects
    lake         moto's S3 and IAM, over HTTP
    audit        reads the objects as a consumer would and compares with the source

``declared`` reads the ``plan`` from a declaration, ``run`` plays it in ``worker`` processes, ``output`` keeps what came
of it; ``cli``, ``bars`` and ``report`` talk to people. ``vocabulary`` has the words that all of them share.
"""
