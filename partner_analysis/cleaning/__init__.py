"""Raw exports to pseudonymised episodes, rejected rows and named sources."""
