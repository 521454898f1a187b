"""Goals that a practice set itself: as understood, how far they are, and whether that tells."""
