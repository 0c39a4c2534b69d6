"""Rules as plain functions of plain values. Imports the standard library and nothing else."""
