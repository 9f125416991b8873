"""What a client tells about itself: queries, spans, metrics, and the details of its errors."""
