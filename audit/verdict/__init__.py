"""Verdict: what an audit says.

``causes``    what DMS is known to do with a value, where that explains a difference
``findings``  a finding or a note, how many there are, and how values are shown
``result``    all of them, by table, with the verdict
"""
