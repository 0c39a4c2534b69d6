"""Shelves in PostgreSQL: one for all workers, none in any of them."""
