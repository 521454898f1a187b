"""The small tables that the practice itself writes."""
