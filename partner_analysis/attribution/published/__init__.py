"""Published results, and what this library finds on the same data."""
