"""The Schema API: the catalogue over HTTP."""
