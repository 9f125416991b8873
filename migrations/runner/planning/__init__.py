"""From the package's content and the database's state to what has to run. No input or output here."""
