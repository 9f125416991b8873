"""Fleet runs over HTTP."""
