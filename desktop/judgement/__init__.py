"""From an opinion to a finding: calibration, likelihood ratio, bands. Pure functions; no Qt, no files, no processes."""

from desktop.judgement.finding import judge
from desktop.judgement.statistics import clopper_pearson, conformal_p_values, likelihood_ratio_bounds, positive_predictive_value

__all__ = ["clopper_pearson", "conformal_p_values", "judge", "likelihood_ratio_bounds", "positive_predictive_value"]
