"""What differs between two schemas, what that breaks, and the smallest version step that it allows."""
