"""The audio of a recording as training wants it: one rate, little silence around it, nothing that is broken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soxr
from antiphon.audio_files import read_audio
from antiphon.errors import AudioError
from antiphon.payloads import Audio, Samples

MARGIN_S = 0.1
"""Silence that is left before and behind the speech."""

SHORTEST_S, LONGEST_S = 0.4, 15.0
QUIETEST_DB = -50.0
"""Peak, relative to full scale, below which a file counts as silent."""

CLIPPED_SHARE = 1e-3
"""Of samples at full scale: above, a recording counts as clipped."""

_SILENCE_DB = -40.0  # relative to the loudest frame
_FRAME_S = 0.01


def read_speech(path: Path, sample_rate: int) -> Audio:
    """The speech of a file.

    Raises:
        AudioError: unreadable, silent, clipped, too short or too long; the message says which.
    """
    audio = read_audio(path)
    peak = float(np.abs(audio.samples).max())
    if peak < 10 ** (QUIETEST_DB / 20):
        raise AudioError(f"silent: its peak is {20 * np.log10(max(peak, 1e-9)):.0f} dB below full scale")
    clipped = float(np.mean(np.abs(audio.samples) >= 0.999 * peak)) if peak >= 0.99 else 0.0
    if clipped > CLIPPED_SHARE:
        raise AudioError(f"clipped: {clipped:.1%} of the samples are at full scale")
    samples: Samples = soxr.resample(audio.samples, audio.sample_rate, sample_rate)
    trimmed = Audio(_trimmed(samples, sample_rate), sample_rate)
    if not SHORTEST_S <= trimmed.duration_s <= LONGEST_S:
        raise AudioError(f"{trimmed.duration_s:.2f} s of speech; usable are {SHORTEST_S:g} to {LONGEST_S:g} s")
    return trimmed


def _trimmed(samples: Samples, sample_rate: int) -> Samples:
    """The samples from `MARGIN_S` before the first frame that is not silent to `MARGIN_S` behind the last."""
    length = int(_FRAME_S * sample_rate)
    count = len(samples) // length
    if not count:
        return samples
    levels = np.sqrt(np.mean(samples[: count * length].reshape(count, length) ** 2, axis=1))
    sounding = np.flatnonzero(levels > levels.max() * 10 ** (_SILENCE_DB / 20))
    margin = int(MARGIN_S * sample_rate)
    return samples[max(0, sounding[0] * length - margin) : (sounding[-1] + 1) * length + margin]
