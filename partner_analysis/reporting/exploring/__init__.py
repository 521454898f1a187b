"""Choices that somebody tries out, what they change, and a file that keeps them for a run."""
