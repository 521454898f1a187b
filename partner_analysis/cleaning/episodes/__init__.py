"""Typed rows to pseudonymised episodes."""
