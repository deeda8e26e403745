"""Simulated nights through the real rules, and the score of what was raised against the truth."""
