"""The hazard log: every known way in which monitoring fails, and what there is against it."""
