"""Many effects beside one another: shrunk, ranked, and the best of them honestly sized."""
