"""What a cell needs to run: the distributions behind its modules."""
