"""What a plan says: sentences, tables, and plain lines for a terminal."""
