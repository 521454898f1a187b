"""Planned reviews: what is declared of a partnership, and when."""
