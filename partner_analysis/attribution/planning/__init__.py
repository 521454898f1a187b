"""Before a partnership begins: whether it would be noticed, when, and how to set it up."""
