"""MariaDB: plays the Aurora MySQL cluster.

``mariadb``       the server, in a folder of its own, and its capture user
``parameters``    the declared cluster parameter group as its options
``certificates``  a CA and a certificate for TLS
``supervisor``    a process that owns the server, so that nothing of it is left over
"""
