"""Which statements of a plan depend on each other, and the order in which they run."""
