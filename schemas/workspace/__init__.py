"""The folder that a team keeps in git: finding it, reading, drafting and sealing its versions."""
