"""Mosquitto's passwords and access list, written from the register.

``users.py`` says who may speak and what; ``passwords.py`` knows Mosquitto's form of a password;
``folder.py`` keeps the files. Decision 6 says why files and not its dynamic security plugin.
"""
