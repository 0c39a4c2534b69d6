"""A round as plain values: its settings and slots, the batch to choose from, and why not."""
