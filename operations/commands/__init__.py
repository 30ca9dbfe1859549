"""Commands: a module each, with ``add(subparsers)``, which calls ``operations.command.add_command``."""
