"""What happens to eSpeak's samples on their way out: silence is cut off, the gain is applied, peaks are rounded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from antiphon.payloads import Samples

from antiphon_tts_espeak.library import Pcm

_KNEE = 0.9
_FULL_SCALE = 32768.0


def without_outer_silence(chunks: Iterable[Pcm]) -> Iterator[Pcm]:
    """The chunks from the first sample that is not zero to the last one."""
    started = False
    silence: list[Pcm] = []
    for chunk in chunks:
        sounding = np.flatnonzero(chunk)
        if not len(sounding):
            silence.append(chunk)
            continue
        if started:
            yield from silence
        silence.clear()
        yield chunk[0 if started else sounding[0] : sounding[-1] + 1]
        started = True
        if sounding[-1] + 1 < len(chunk):
            silence.append(chunk[sounding[-1] + 1 :])


def amplified(pcm: Pcm, gain_db: float) -> Samples:
    """Samples with ±1 as full scale, `gain_db` louder; beyond ±0.9 they bend towards ±1 and never clip."""
    samples = (pcm * (10 ** (gain_db / 20) / _FULL_SCALE)).astype(np.float32)
    size = np.abs(samples)
    bent = _KNEE + (1 - _KNEE) * np.tanh((size - _KNEE) / (1 - _KNEE))
    return np.where(size > _KNEE, np.copysign(bent, samples), samples).astype(np.float32)
