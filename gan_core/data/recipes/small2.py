"""Small to large, twice."""

from gan_core.data.recipes import small

RECIPE = small.recipe(2)
