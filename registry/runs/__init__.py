"""Migration runs: asked for over the API or on the command line, and done by workers."""
