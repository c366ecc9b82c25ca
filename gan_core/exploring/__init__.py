"""The space that samples are made from, as a place to walk in: points, directions, and the way back from a picture.

:mod:`gan_core.exploring.space` says what a point is, :mod:`gan_core.exploring.directions` finds directions, one file a way
to find them, and :mod:`gan_core.exploring.projection` the point that a picture comes from.
"""
