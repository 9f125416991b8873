"""What differs between two schemas, whom it breaks, and the smallest version that may carry it."""
