"""What differs between versions and for whom, and what speaks against one: for people who decide on it,
and for those who are told of it."""
