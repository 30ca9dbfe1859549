"""Growth: what a kept table costs as its log grows, measured on Trino. Figures, no verdict.

``log``      a kept lake's records, again for each day
``measure``  the declared statements over it, and what Trino says that they cost
``page``     the figures as a table and as a picture
"""
