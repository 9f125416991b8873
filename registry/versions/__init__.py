"""Looking at versions and taking care of them: differences, drafts, what happened, corrections."""
