"""What practices learn from one another: kinds of partners, shared rows, pooled effects."""
