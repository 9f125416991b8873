"""What is asked before the first statement runs: rows that would be lost, rights that are missing."""
