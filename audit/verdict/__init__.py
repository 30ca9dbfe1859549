"""Verdict: what an audit says.

``findings``  a finding or a note, how many there are, and how values are shown
``result``    all of them, by table, with the verdict
"""
