"""Benches: what a rehearsal costs, stage by stage, beside an older revision, what is possible at all, and peers.

``__main__``   ``make bench``: the stages of this revision by the clock, and the audit in SQL (``checksums``)
``stages``     the same stages by processor seconds, in whatever revision
``compare``    runs ``stages`` in two revisions in turn and writes the figures down
``limits``     the least that each stage can cost
``peers``      what other programs need for one of them, ``debezium`` in its own environment
``peaks``      the memory of each process of a rehearsal
``page``       the table and the picture of the figures
``growth``     what a kept table costs on Trino as its log grows
"""
