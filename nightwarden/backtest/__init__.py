"""A recorded stretch of time goes through the very same rules again, or through others.

What the engine was told is in the store: readings, and beside them the journal
(``nightwarden/store/journal.py``). ``recording`` reads both in their one order, ``replay`` tells
them to an engine, ``alert_list`` keeps the alerts that follow as the gateway would have kept them.
"""
