"""Lists of a home that come as CSV or a spreadsheet, taken into the register.

A sheet is laid over the register as a home file (``merging``), and then goes the way of every home
file: the same reader says what is wrong, the same plan says what would change, and the same
``apply`` makes it so. There is no second set of rules here.
"""
