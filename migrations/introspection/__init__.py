"""What a live database consists of, read from ``pg_catalog``, and how two databases differ."""
