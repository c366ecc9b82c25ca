"""Sources of datasets, one file each, found by themselves; see :class:`gan_core.data.base.Source`.

Light: NumPy and Pillow; what takes seconds to import is imported when a dataset is loaded.
"""
