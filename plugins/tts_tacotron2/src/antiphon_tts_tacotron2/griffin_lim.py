"""Griffin-Lim: the vocoder that needs no training.

The mel spectrogram is taken back to linear frequency by the filterbank's own bands (its highest frequency included),
then phases are sought that fit the magnitudes (fast Griffin-Lim, Perraudin, Balazs & Søndergaard 2013).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from antiphon.errors import InputError
from antiphon.payloads import Audio, Mel, MelSettings, Samples
from antiphon.stages import Component, Setup
from numpy.typing import NDArray
from scipy import fft

from antiphon_tts_tacotron2.mel import filterbank, hann
from antiphon_tts_tacotron2.options import GriffinLimOptions

Magnitudes = NDArray[np.float32]

_REFINEMENTS = 12
_TINY = 1e-8


def linear_magnitudes(log_mel: NDArray[np.float32], settings: MelSettings) -> Magnitudes:
    """Magnitudes ``(frames, n_fft / 2 + 1)`` that are not negative and whose mel spectrogram is near the given one.

    Starts at the filterbank's pseudo-inverse and is refined by multiplicative updates (Lee & Seung 2001).
    """
    weights = filterbank(settings)
    mel = np.exp(log_mel).astype(np.float32)
    magnitudes = np.maximum(mel @ _pseudo_inverse(settings), _TINY)
    wanted = mel @ weights
    gram = _gram(settings)
    for _ in range(_REFINEMENTS):
        magnitudes *= wanted / np.maximum(magnitudes @ gram, _TINY)
    magnitudes[:, weights.sum(0) == 0.0] = 0.0
    found: Magnitudes = magnitudes
    return found


@lru_cache(maxsize=4)
def _pseudo_inverse(settings: MelSettings) -> NDArray[np.float32]:
    inverse: NDArray[np.float32] = np.linalg.pinv(filterbank(settings).T).astype(np.float32)
    return inverse


@lru_cache(maxsize=4)
def _gram(settings: MelSettings) -> NDArray[np.float32]:
    weights = filterbank(settings)
    gram: NDArray[np.float32] = weights.T @ weights
    return gram


def griffin_lim(magnitudes: Magnitudes, settings: MelSettings, iterations: int, momentum: float, seed: int) -> Samples:
    """The samples, ``hop * (frames - 1)`` of them, whose spectrogram is near the magnitudes."""
    random = np.random.default_rng(seed)
    phases = np.exp(2j * np.pi * random.random(magnitudes.shape, np.float32)).astype(np.complex64)
    before = np.zeros_like(phases)
    for _ in range(iterations):
        consistent = _stft(_istft(magnitudes * phases, settings), settings)
        phases = consistent + np.float32(momentum) * (consistent - before)
        phases /= np.maximum(np.abs(phases), _TINY)
        before = consistent
    samples = _istft(magnitudes * phases, settings)
    half = settings.n_fft // 2
    return samples[half : len(samples) - half]


def _stft(padded: Samples, settings: MelSettings) -> NDArray[np.complex64]:
    frames = np.lib.stride_tricks.sliding_window_view(padded, settings.n_fft)[:: settings.hop]
    spectrum: NDArray[np.complex64] = fft.rfft(frames * hann(settings.n_fft), axis=1)
    return spectrum


def _istft(spectrum: NDArray[np.complex64], settings: MelSettings) -> Samples:
    """Overlap-add, with half a window of padding left at both ends; least squares (Griffin & Lim 1984)."""
    frames = fft.irfft(spectrum, settings.n_fft, axis=1) * hann(settings.n_fft)
    return _overlap_add(frames, settings.hop) / _window_energy(len(frames), settings)


@lru_cache(maxsize=64)
def _window_energy(count: int, settings: MelSettings) -> Samples:
    squares = np.broadcast_to(hann(settings.n_fft) ** 2, (count, settings.n_fft))
    energy: Samples = np.maximum(_overlap_add(squares, settings.hop), np.float32(1e-3))
    return energy


def _overlap_add(frames: NDArray[np.float32], hop: int) -> Samples:
    count, length = frames.shape
    pieces = -(-length // hop)
    padded = np.pad(frames, ((0, 0), (0, pieces * hop - length))).reshape(count, pieces, hop)
    sums = np.zeros((count + pieces - 1, hop), np.float32)
    for piece in range(pieces):
        sums[piece : piece + count] += padded[:, piece]
    joined: Samples = sums.reshape(-1)
    return joined[: (count - 1) * hop + length]


class GriffinLim(Component[GriffinLimOptions]):
    """The vocoder ``griffin-lim``."""

    def __init__(self, options: GriffinLimOptions, setup: Setup) -> None:
        super().__init__(options, setup)
        _pseudo_inverse(options.mel_settings())

    def session(self, seed: int) -> GriffinLimSession:
        return GriffinLimSession(self.options, seed)


class GriffinLimSession:
    """An `antiphon.stages.Vocoder`; the same mel spectrogram always gives the same audio."""

    def __init__(self, options: GriffinLimOptions, seed: int) -> None:
        self._options = options
        self._seed = abs(seed)

    def vocode(self, mel: Mel) -> Audio:
        """The audio, which peaks at full scale at most.

        Raises:
            InputError: the mel spectrogram was made with other settings, or holds values that are not finite.
        """
        settings = self._options.mel_settings()
        if mel.settings != settings:
            raise InputError(f"the mel spectrogram has {mel.settings}; the vocoder expects {settings}")
        if mel.frames.ndim != 2 or mel.frames.shape[1] != settings.bands or not np.isfinite(mel.frames).all():
            raise InputError(f"not a finite mel spectrogram of {settings.bands} bands, but {mel.frames.shape}")
        if not len(mel.frames):
            return Audio(np.zeros(0, np.float32), settings.sample_rate)
        samples = griffin_lim(
            linear_magnitudes(mel.frames, settings),
            settings,
            self._options.iterations,
            self._options.momentum,
            self._seed,
        )
        peak = float(np.abs(samples).max(initial=0.0))
        return Audio(samples / max(peak, 1.0), settings.sample_rate)
