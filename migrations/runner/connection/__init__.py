"""Connections to the database that is migrated: opening, locking, monitoring, and pinning every setting."""
