"""Other designs for the same question, side by side."""
