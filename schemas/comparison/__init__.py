"""The rules behind ``schemas.changes``: what differs between two schemas, and whom it breaks."""
