"""Log-mel spectrograms as Tacotron 2 and its vocoders use them, in NumPy alone.

Magnitude (not power) of the short-time Fourier transform with a periodic Hann window and frames centred on multiples
of the hop, triangular filters of equal area on Slaney's mel scale, natural logarithm floored at 1e-5: the values of
``librosa.feature.melspectrogram(power=1, center=True, pad_mode="reflect")``.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from antiphon.errors import AudioError
from antiphon.payloads import MelSettings, Samples
from numpy.typing import NDArray

FLOOR = 1e-5
"""Magnitudes below this are silence."""

STANDARD = MelSettings(sample_rate=22_050, n_fft=1024, hop=256, bands=80, fmin_hz=0.0, fmax_hz=8000.0)
"""The settings of published Tacotron 2 models of LJ Speech."""

_LINEAR_HZ = 200.0 / 3.0  # below 1 kHz a mel is this many Hz
_KNEE_HZ, _KNEE_MEL = 1000.0, 15.0
_LOG_STEP = np.log(6.4) / 27.0  # above, a mel is this factor


def hz_to_mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slaney's mel scale (Auditory Toolbox, 1998): linear below 1 kHz, logarithmic above."""
    return np.where(hz < _KNEE_HZ, hz / _LINEAR_HZ, _KNEE_MEL + np.log(np.maximum(hz, 1.0) / _KNEE_HZ) / _LOG_STEP)


def mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverse of `hz_to_mel`."""
    return np.where(mel < _KNEE_MEL, mel * _LINEAR_HZ, _KNEE_HZ * np.exp(_LOG_STEP * (mel - _KNEE_MEL)))


@lru_cache(maxsize=8)
def filterbank(settings: MelSettings) -> NDArray[np.float32]:
    """Weights of the mel bands, shape ``(bands, n_fft / 2 + 1)``."""
    edge_mels = hz_to_mel(np.array([settings.fmin_hz, settings.fmax_hz]))
    edges = mel_to_hz(np.linspace(edge_mels[0], edge_mels[1], settings.bands + 2))
    bins = np.linspace(0.0, settings.sample_rate / 2, settings.n_fft // 2 + 1)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    weights: NDArray[np.float32] = (triangles * (2.0 / (edges[2:] - edges[:-2]))[:, None]).astype(np.float32)
    weights.flags.writeable = False
    return weights


@lru_cache(maxsize=8)
def hann(length: int) -> NDArray[np.float32]:
    """The periodic Hann window."""
    window: NDArray[np.float32] = (0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(length) / length)).astype(np.float32)
    window.flags.writeable = False
    return window


def stft(samples: Samples, settings: MelSettings) -> NDArray[np.complex64]:
    """The short-time Fourier transform, shape ``(1 + n // hop, n_fft / 2 + 1)``.

    Raises:
        AudioError: fewer samples than half a window, which cannot be mirrored at their ends.
    """
    if len(samples) <= settings.n_fft // 2:
        raise AudioError(f"{len(samples)} samples are too few for a spectrogram; it needs {settings.n_fft // 2 + 1}")
    padded = np.pad(samples, settings.n_fft // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, settings.n_fft)[:: settings.hop]
    spectrum: NDArray[np.complex64] = np.fft.rfft(frames * hann(settings.n_fft), axis=1).astype(np.complex64)
    return spectrum


def log_mel(samples: Samples, settings: MelSettings = STANDARD) -> NDArray[np.float32]:
    """The log-mel spectrogram of samples at the settings' sample rate, shape ``(frames, bands)``."""
    magnitudes = np.abs(stft(samples, settings)) @ filterbank(settings).T
    logarithms: NDArray[np.float32] = np.log(np.maximum(magnitudes, FLOOR)).astype(np.float32)
    return logarithms
