"""How runs are executed: the queue, the dispatcher, processes and what they use.  The only room that knows how.

Imports ``store``, ``config`` and cards; training and models in the worker and the benchmark alone.
"""
