"""One module a way of telling people."""
