"""How well a voice does what it is told: requested against measured prosody.

All controls are set at once, at random within the voice's limits and ±1.5 standard deviations, for sentences that no
voice is calibrated on. So a control that moves the others is found out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from antiphon.calibration.meter import Meter
from antiphon.calibration.sentences import TEST
from antiphon.payloads import Control, SpeechRequest, VoiceCard
from antiphon.speaking import speak_all
from antiphon.stages import StreamingSynthesizer, Synthesizer

REACH = 1.5


@frozen
class Fidelity:
    """Of one control, in standard deviations of natural speech unless said otherwise.

    Attributes:
        control: the control.
        low, high: the raw values that were asked for lie between these.
        r: Pearson's correlation of requested and measured, over all utterances.
        r_within: the same after each sentence's own mean is taken off both: the text's part is gone.
        slope: of measured on requested, all controls in one regression, sentences centred; ideally 1.
        crosstalk: the largest slope, by size, of this feature on another control; ideally 0.
        error: mean absolute difference, in the feature's log domain (dB for intensity; 0.05 is 5 % otherwise).
    """

    control: Control
    low: float
    high: float
    r: float
    r_within: float
    slope: float
    crosstalk: float
    error: float

    def row(self) -> str:
        """A row of a Markdown table that begins with `HEADER`."""
        feature = self.control.feature
        error = f"{self.error:.2f} dB" if feature.floor is None else f"{100 * self.error:.1f} %"
        return (
            f"| {feature.name} | {self.low:.4g} to {self.high:.4g} {feature.unit} | {self.r:.3f} | {self.r_within:.3f} "
            f"| {self.slope:.2f} | {self.crosstalk:+.2f} | {error} |"
        )


HEADER = (
    "| control | asked for | r | r within sentences | slope | largest cross-talk | mean absolute error |\n"
    "|---|---|---|---|---|---|---|"
)


def fidelity(
    card: VoiceCard,
    synthesizer: Synthesizer | StreamingSynthesizer,
    meter: Meter,
    *,
    sentences: Sequence[str] = TEST,
    vectors: int = 20,
    seed: int = 0,
) -> tuple[Fidelity, ...]:
    """Speak every sentence with `vectors` random control vectors and compare; one result a control."""
    controls = card.controls
    limits = np.array([[max(c.to_z(c.low), -REACH), min(c.to_z(c.high), REACH)] for c in controls])
    drawn = np.random.default_rng(seed).uniform(limits[:, 0], limits[:, 1], size=(vectors, len(controls)))
    requested, measured, sentence = [], [], []
    for z in drawn:
        values = {c.feature.name: c.from_z(float(v)) for c, v in zip(controls, z, strict=True)}
        for index, text in enumerate(sentences):
            audio = speak_all(synthesizer, SpeechRequest(text, values))
            found = meter.measure(audio, text) if audio else {}
            if all(c.feature.name in found for c in controls):
                requested.append(z)
                measured.append([c.to_z(found[c.feature.name]) for c in controls])
                sentence.append(index)
    asked, heard, of = np.array(requested), np.array(measured), np.array(sentence)
    asked_within, heard_within = _centred(asked, of), _centred(heard, of)
    slopes = np.linalg.lstsq(asked_within, heard_within, rcond=None)[0]  # [asked, heard]
    results = []
    for i, control in enumerate(controls):
        others = np.delete(slopes[:, i], i)
        results.append(
            Fidelity(
                control,
                low=control.from_z(limits[i, 0]),
                high=control.from_z(limits[i, 1]),
                r=_correlation(asked[:, i], heard[:, i]),
                r_within=_correlation(asked_within[:, i], heard_within[:, i]),
                slope=float(slopes[i, i]),
                crosstalk=float(others[np.argmax(np.abs(others))]) if len(others) else 0.0,
                error=float(np.abs(asked[:, i] - heard[:, i]).mean() * control.sd),
            )
        )
    return tuple(results)


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Pearson's correlation; 0 where one of them does not vary."""
    return float(np.corrcoef(a, b)[0, 1]) if a.std() > 0 and b.std() > 0 else 0.0


def _centred(values: NDArray[np.float64], groups: NDArray[np.intp]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = values.copy()
    for group in np.unique(groups):
        result[groups == group] -= values[groups == group].mean(axis=0)
    return result
