"""Measures of error, as ratios of sums over conversations, so that they can be resampled by conversation.

Per feature and pooled over all features, with e = truth - prediction of a measured feature of one of our turns:

- smooth L1 (Huber's loss with beta 1): mean of e²/2 where abs(e) < 1, else abs(e) - 1/2;
- L1: mean of abs(e); RMSE: root of the mean of e²;
- R²: 1 - Σe² / Σ(truth - the speaker's mean in this conversation)². That mean knows the future, so that a good causal
  prediction may well be below 0;
- r within conversations: of truth and prediction, each less its mean by speaker and conversation;
- slope: of truth on prediction, so centred; 1 where predictions are calibrated, less where they move too much.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import frozen

from antiphon_entrain_neural.evaluation.judged import Bools, Floats, Ints, Judged

POOLED = "all features"

SUMS = ("n", "smooth", "absolute", "square", "about_mean", "covariance", "spread", "spread_truth")


def smooth_l1(errors: Floats) -> Floats:
    """Huber's loss with beta 1."""
    size = np.abs(errors)
    return np.where(size < 1, size**2 / 2, size - 0.5)


@frozen(eq=False)
class Sums:
    """Sums over the turns of each of C conversations, each of shape ``(C, F + 1)``; the last column is all features.

    Attributes:
        n: values.
        smooth, absolute, square: of errors.
        about_mean: squares of the truth about the speaker's mean.
        covariance, spread, spread_truth: of centred predictions and truth.
    """

    n: Floats
    smooth: Floats
    absolute: Floats
    square: Floats
    about_mean: Floats
    covariance: Floats
    spread: Floats
    spread_truth: Floats

    @classmethod
    def of(cls, judged: Judged, predicted: Floats, within: Bools) -> Sums:
        """Sums of the turns of a slice.

        Args:
            judged: the turns.
            predicted: shape ``(N, F)``.
            within: which of them are summed, shape ``(N,)``.
        """
        measured = ~np.isnan(judged.truth)
        counts = measured & within[:, None]
        error = np.where(counts, judged.truth - predicted, 0.0)
        truth = _centred(judged.truth, measured, judged.speaker) * counts
        centred = _centred(predicted, measured, judged.speaker) * counts
        parts = {
            "n": counts.astype(np.float64),
            "smooth": smooth_l1(error),
            "absolute": np.abs(error),
            "square": error**2,
            "about_mean": truth**2,
            "covariance": truth * centred,
            "spread": centred**2,
            "spread_truth": truth**2,
        }
        return cls(**{name: by_conversation(values, judged) for name, values in parts.items()})

    def metrics(self) -> Mapping[str, Floats]:
        """Every measure of all conversations together, shape ``(F + 1,)``; NaN where it has no meaning."""
        return ratios({name: getattr(self, name).sum(0) for name in SUMS})

    def resampled(self, weights: Floats) -> Mapping[str, Floats]:
        """Every measure of B resamples, shape ``(B, F + 1)``; weights count conversations, shape ``(B, C)``."""
        return ratios({name: weights @ getattr(self, name) for name in SUMS})


def ratios(total: Mapping[str, Floats]) -> dict[str, Floats]:
    """The measures, of sums of any shape."""
    with np.errstate(divide="ignore", invalid="ignore"):
        n = np.where(total["n"] > 0, total["n"], np.nan)
        moved = np.where(total["spread"] > 1e-9 * n, total["spread"], np.nan)
        about_mean = np.where(total["about_mean"] > 1e-9 * n, total["about_mean"], np.nan)
        return {
            "smooth L1": total["smooth"] / n,
            "L1": total["absolute"] / n,
            "RMSE": np.sqrt(total["square"] / n),
            "R2": 1 - total["square"] / about_mean,
            "r within": total["covariance"] / np.sqrt(moved * about_mean),
            "slope": total["covariance"] / moved,
        }


def by_conversation(values: Floats, judged: Judged) -> Floats:
    """Sums of shape ``(C, F + 1)`` of values of shape ``(N, F)``; the last column is all features."""
    sums = np.zeros((len(judged.conversations), values.shape[1]))
    np.add.at(sums, judged.conversation, values)
    return np.column_stack((sums, sums.sum(axis=1)))


def _centred(values: Floats, measured: Bools, speaker: Ints) -> Floats:
    """Values less their mean by speaker, of what is measured; 0 elsewhere."""
    speakers = int(speaker.max()) + 1 if len(speaker) else 0
    kept = np.where(measured, values, 0.0)
    sums, counts = np.zeros((speakers, values.shape[1])), np.zeros((speakers, values.shape[1]))
    np.add.at(sums, speaker, kept)
    np.add.at(counts, speaker, measured.astype(np.float64))
    return np.where(measured, kept - (sums / np.maximum(counts, 1))[speaker], 0.0)
