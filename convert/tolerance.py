"""How far the engine may be from the NumPy reference of the same tensors, by stored type.

llama.cpp multiplies quantised rows with activations rounded to 8 bits and keeps keys and values as F16, which the reference does not. What
that does to a logit grows with the spread of the logits, so the limit is a share of it. The shares are at least
twice, mostly four times and more, what is measured on random networks (`tests/convert/test_parity.py` repeats the measurement).
"""

from convert.mixtures import LanguageType, ProjectorType

_COSINE: dict[ProjectorType, float] = {"F32": 0.9999, "F16": 0.999, "Q8_0": 0.99}
_SHARE: dict[LanguageType, float] = {
    "F32": 0.01, "F16": 0.02, "BF16": 0.05, "Q8_0": 0.12, "Q6_K": 0.15, "Q5_K_M": 0.2, "Q4_K_M": 0.25,
}  # fmt: skip
_PROJECTOR_SHARE: dict[ProjectorType, float] = {"F32": 0.0, "F16": 0.0, "Q8_0": 0.08}


def tolerances(language: LanguageType, projector: ProjectorType, spread: float) -> tuple[float, float]:
    """(least cosine of every patch row, largest difference of the log-odds).

    `spread`: standard deviation of all logits at the answer token; small ones count as 1.
    """
    return _COSINE[projector], (_SHARE[language] + _PROJECTOR_SHARE[projector]) * max(1.0, spread)
