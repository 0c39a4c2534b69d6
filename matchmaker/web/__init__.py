"""Pages: find, read, do, answer. One file per room; rules live in the floors below."""
