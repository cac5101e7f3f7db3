"""The causal running normaliser and its prior: one class for training and for live dialogues."""

from antiphon.normalization.causal import CausalNormalizer
from antiphon.normalization.moments import Moments
from antiphon.normalization.prior import FeaturePrior, Prior

__all__ = ["CausalNormalizer", "FeaturePrior", "Moments", "Prior"]
