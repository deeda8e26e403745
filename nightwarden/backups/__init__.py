"""A consistent copy of a running home in one file, and the way back.

1. **All of it.** The store as it stood at one instant, and every other file of the data folder:
   photos, certificates, the names of this gateway. What is left out is named in ``parts.LEFT_OUT``.
2. **Verifiable.** The last member lists every file with its SHA-256; without it, or with a file
   that does not fit, nothing is put back. A backup that was cut off is therefore none.
3. **Never over something.** What was in the data folder is kept beside, and said where.
4. **Secret.** It holds residents' names and keys: readable by its owner alone.
"""
