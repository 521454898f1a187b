"""Files of a practice's system to typed rows, every row accounted for."""
