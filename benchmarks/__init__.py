"""Measurements of the whole program: ``python -m benchmarks``; see ``docs/benchmarks.md``.

Every figure stands beside a reference that was measured in the same run on the same machine, and
the ratio of the two is what may be compared between machines. No test asserts a timing.
"""
