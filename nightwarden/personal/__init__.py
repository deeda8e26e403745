"""What is kept of a person: all about a resident as one file, and the erasure of a name."""
