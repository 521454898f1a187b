"""Files of systems nobody has described: how each could be read, with the evidence."""
