"""Taking care of versions: drafts, corrections, what happened."""
