"""Why an alert was raised, and why a place was silent: answers from what was recorded.

``alerts.py`` answers for an alert, ``silence.py`` for a place and a minute; both give values of
``answers.py``, which know no page and no wire.
"""
