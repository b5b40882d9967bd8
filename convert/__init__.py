"""Conversion of LLaVA-1.5-family checkpoints (safetensors) into experts: language GGUF, mmproj GGUF, reference and card.

The way in is ``convert(checkpoint, out, options)``; everything else is its parts.
"""

from convert.conversion import CONVERTER, convert
from convert.job import Listener, Options, Progress
from convert.mixtures import LanguageType, ProjectorType
from convert.recipe import Recipe, load_recipe, recipe_names

__all__ = [
    "CONVERTER",
    "LanguageType",
    "Listener",
    "Options",
    "Progress",
    "ProjectorType",
    "Recipe",
    "convert",
    "load_recipe",
    "recipe_names",
]
