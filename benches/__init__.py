"""Benches: what a rehearsal costs, stage by stage, beside an older revision, what is possible at all, and peers.

``stages``   measures the revision that it runs in; ``make bench`` and ``compare`` run it
``compare``  runs it in two revisions in turn and writes the figures down
``page``     the table and the picture of the figures
"""
