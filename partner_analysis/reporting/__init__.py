"""Effects as words, figures, tables, notebooks and HTML pages."""
