"""Texts in, neighbours out. Knows nothing of needs, people or the web."""
