"""What ``nightwarden check`` looks at, one module a subject; each finding is a line for a person.

Nothing here changes anything: no store is made or brought up to date, nothing is published, and
what is found wrong is said and left as it is.
"""
