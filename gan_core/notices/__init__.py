"""What people are told of runs while they look elsewhere: that one ended or was lost, or that an alarm is raised.

Whichever process notices it claims the notice in the catalogue and sends it, in a thread; no address is kept there.
"""
