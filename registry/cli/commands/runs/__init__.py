"""Commands for migration runs, their workers, and who may ask for them."""
