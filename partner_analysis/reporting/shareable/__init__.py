"""Pages that may be passed on: one for each partner, and one for a board or a talk."""
