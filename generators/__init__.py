"""From a schema version to packages: pure functions, bytes in and bytes out."""
