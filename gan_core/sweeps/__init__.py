"""Good settings, looked for: which knobs in which ranges, by a race of ordinary runs under a budget of time.

What is decided is decided by pure functions of the sweep's records: which settings next (:mod:`.propose`), which run next
(:mod:`.race`), what is hopeless (:mod:`.pruning`); :mod:`.driving` alone reads and writes.  Imports no Keras.
"""
