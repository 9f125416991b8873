"""The two clients: the methods of the generated classes, which run the operations."""
