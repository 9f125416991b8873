"""What a way back would lose, and what it would fail on, as queries that are asked before it is taken."""
