"""Which statements undo a script that stopped between two of its steps."""
