"""From what the package holds and what the database says to what has to run. No input or output here."""
