"""Connection: how a MySQL-compatible server is reached and asked.

``server``   where it is, who connects, and values in the forms of model/table.py
``session``  what every session sets and asks back, so that it reads what is there
``queries``  the little SQL that everybody needs
``floats``   32-bit numbers
"""
