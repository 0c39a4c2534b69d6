"""Matchmaker: needs of businesses, and what schools and startups can do about them."""
