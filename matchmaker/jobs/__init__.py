"""Work done behind the pages."""
