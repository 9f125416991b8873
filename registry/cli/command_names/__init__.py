"""The commands by name: those that there are, and those that people remember from other tools."""
