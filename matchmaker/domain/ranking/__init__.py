"""Ranking as pure functions: fusion, signals, calibration."""
