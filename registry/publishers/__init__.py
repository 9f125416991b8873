"""One publisher a kind of registry, all of one shape."""
