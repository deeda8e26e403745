"""What makes an alert, and what becomes of it. Pure: time and readings in, decisions out.

Nothing here reads a clock, a file, a socket or chance; the standard library and the model's words
are all it knows, so a night can be replayed and must come out the same.
"""
