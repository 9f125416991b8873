"""What a database is called: its URL, and what that means. Imports almost nothing; see ``fast_path``."""
