"""The home file: the register as a text that people write, review and keep with its history.

``yaml_tree`` reads YAML and remembers lines, ``shape`` says what a home file is made of and
``agreement`` what its parts must agree on; ``reader`` joins the three. ``plan`` compares a home
file with the store, ``writer`` prints the store as one.
"""
