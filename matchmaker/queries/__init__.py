"""Named reads, one file per noun. Fetching through these is the permission check."""
