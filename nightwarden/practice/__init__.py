"""Practising on a home in which nobody lives: the whole program, on a clock that is turned."""
