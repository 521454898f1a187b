"""The words and tables of goals."""
