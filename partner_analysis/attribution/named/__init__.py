"""What patients named beside what was estimated, and both together."""
