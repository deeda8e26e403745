"""The only SQL. ``engine`` opens the file, ``tables`` says what is in it, one module a noun."""
