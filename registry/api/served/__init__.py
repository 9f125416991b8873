"""How documents are answered: kept while nothing changes, in the form asked for, whole or in parts."""
