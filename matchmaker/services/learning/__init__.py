"""Judgements in, better figures out: what is learned, compared, put live and taken back."""
