"""The program's components: one noun per file; ``__main__.py`` composes them."""
