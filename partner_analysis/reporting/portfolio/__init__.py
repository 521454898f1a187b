"""The portfolio in words, tables and one decision for each alliance."""
