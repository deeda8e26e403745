"""The rules file: the home's numbers as a text that a manager signs and an inspector reads.

What can be set is not listed here: ``settings`` finds it in ``rules.rulebook`` and
``rules.escalation``, so that a new rule is settable, checked and described by being there.
``bounds`` says how far a number may go, ``agreement`` what the numbers must agree on; ``reader``
joins them. ``changes`` puts a file in force, ``in_force`` reads which one is, ``writer`` and
``schema`` show it to people and editors. ``story`` and ``trial`` run ``nightwarden rules test``.
"""
