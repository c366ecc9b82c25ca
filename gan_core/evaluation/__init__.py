"""Arrays in, judgement out: features, metrics, human judges, alarms.  Knows neither runs nor models nor the store.

Imports ``data`` and ``errors``.
"""
