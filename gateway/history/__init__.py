"""Readings kept for years, after the commit and outside the store. No rule ever reads them."""
