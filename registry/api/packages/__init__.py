"""The Client API, and the two indexes that pip and npm read: packages, how to install them, their files."""
