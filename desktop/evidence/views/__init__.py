"""Views of the signal for the examiner's eye: each a pure function with printed parameters, a gate, its source and fixed words.

A view is a picture to look at. It never votes, and nothing of it reaches an expert's prompt.
"""

from desktop.evidence.views.catalogue import Spec, catalogue, spec
from desktop.evidence.views.client import compute_view

__all__ = ["Spec", "catalogue", "compute_view", "spec"]
