"""One publisher for each kind of registry, all with one interface."""
