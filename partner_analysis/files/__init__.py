"""Files that others wrote, as grids of text: opened with care, bounded, read as they stand."""
