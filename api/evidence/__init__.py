"""The evidence of a period: what was required, what was there, what was missing, who answered.

``pack`` gathers sections, each a list with its own words; ``pdf`` sets them with Typst and
``files`` writes them as CSV, so that neither can show what the other does not.
"""
