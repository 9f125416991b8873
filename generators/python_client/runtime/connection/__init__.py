"""Connections to the database: addresses, the pool's state, transactions, SQLSTATEs. Nothing here waits."""
