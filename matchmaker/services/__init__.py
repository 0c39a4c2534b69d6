"""Verbs that touch the database. What they need comes in as arguments, time included.

Services flush when they need an id and never commit: the entrance that called them does.
"""
