"""The two clients: what a generated class offers, over the operations."""
