"""What a client reports: queries, spans, metrics, and the details of its errors."""
