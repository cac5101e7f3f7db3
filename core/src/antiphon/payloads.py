"""What the stages hand to one another: frozen values that can be pickled and hold no session state.

Times inside a payload are seconds from the start of its own audio, unless a name ends in ``_sample``: then it is a
sample index on the clock of the track (user or agent) that it belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from attrs import cmp_using, evolve, field, frozen
from numpy.typing import NDArray

from antiphon.errors import AudioError
from antiphon.features import FeatureSpec, Measurements

Samples = NDArray[np.float32]
Speaker = Literal["user", "agent"]


def _as_samples(values: Any) -> Samples:
    return np.ascontiguousarray(values, dtype=np.float32)


@frozen
class Audio:
    """Mono audio.

    Attributes:
        samples: shape ``(n,)``, float32, full scale is ±1, finite.
        sample_rate: Hz.
        start_sample: where it starts on its track.

    Raises:
        AudioError: more than one dimension, values that are not finite, or an impossible rate.
    """

    samples: Samples = field(converter=_as_samples, eq=cmp_using(eq=np.array_equal), repr=lambda s: f"<{len(s)}>")
    sample_rate: int = field(converter=int)
    start_sample: int = field(default=0, converter=int)

    def __attrs_post_init__(self) -> None:
        if self.samples.ndim != 1:
            raise AudioError(f"audio is mono, shape (n,), not {self.samples.shape}")
        if self.sample_rate <= 0:
            raise AudioError(f"the sample rate is {self.sample_rate} Hz; it must be positive")
        if not np.isfinite(self.samples).all():
            raise AudioError("audio contains NaN or infinite samples")

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.sample_rate

    @property
    def end_sample(self) -> int:
        return self.start_sample + len(self.samples)

    def between(self, start_sample: int, end_sample: int) -> Audio:
        """The part that lies between two sample indices of the track."""
        first = max(0, start_sample - self.start_sample)
        last = max(first, end_sample - self.start_sample)
        return evolve(self, samples=self.samples[first:last], start_sample=self.start_sample + first)


@frozen
class Typed:
    """A user's turn that was typed."""

    text: str


@frozen
class Word:
    """A recognised word; confidence is a posterior probability, None where the recogniser gives none."""

    text: str
    start_s: float
    end_s: float
    confidence: float | None = None


@frozen
class Transcript:
    """What was recognised; an empty text means that nothing was."""

    text: str
    words: tuple[Word, ...] = ()
    confidence: float | None = None


@frozen
class SpeechStart:
    """Speech began at `at_sample` (in the past: the endpointer waited to be sure)."""

    at_sample: int


@frozen
class Pause:
    """Speech stopped at `at_sample`; the turn may be over."""

    at_sample: int


@frozen
class Resume:
    """The pause was not the end of the turn."""

    at_sample: int


@frozen
class SpeechEnd:
    """The turn is over: speech from `start_sample` to `end_sample`."""

    start_sample: int
    end_sample: int
    reason: Literal["silence", "too long", "end of input"] = "silence"


EndpointEvent = SpeechStart | Pause | Resume | SpeechEnd


@frozen
class Utterance:
    """What feature extractors measure: a turn of either speaker. ``audio`` is None when the turn was typed."""

    speaker: Speaker
    text: str
    audio: Audio | None = None
    words: tuple[Word, ...] = ()


@frozen
class Observation:
    """A finished turn as strategies see it.

    Attributes:
        turn: number of the exchange, from 0; a user's turn and the agent's answer share it.
        features: as extracted, with the profile's user-side transforms.
        normalised: for the user, the normaliser's output; for the agent, on the scale of its own voice.
        duration_s: 0 for typed turns.
    """

    turn: int
    speaker: Speaker
    text: str
    features: Measurements
    normalised: Measurements
    duration_s: float = 0.0


@frozen
class Exchange:
    """What a responder answers: the user's words (empty if nothing was recognised) and all earlier turns."""

    turn: int
    text: str
    history: tuple[tuple[Speaker, str], ...] = ()


@frozen
class Reply:
    """What the agent is going to say."""

    text: str
    extras: Mapping[str, Any] = field(factory=dict)


@frozen
class Target:
    """What a strategy asks of the agent's voice: feature name to value, on the scale the strategy works on.

    A feature that is absent is left to the voice. ``extras`` go into the turn record (attention weights, ...).
    """

    values: Mapping[str, float] = field(factory=dict)
    extras: Mapping[str, Any] = field(factory=dict)


@frozen
class Control:
    """A feature that a voice can be told, in raw units.

    Attributes:
        feature: what is controlled; its scale is ``raw``.
        mean: of the voice's natural speech, in the log domain of the feature (`FeatureSpec.to_log`).
        sd: one standard deviation of natural speech, in the same domain: what z = 1 means for this voice.
        low, high: limits of what the voice can do, raw.
    """

    feature: FeatureSpec
    mean: float
    sd: float
    low: float
    high: float

    def from_z(self, z: float) -> float:
        """The raw value that lies z standard deviations from the voice's mean."""
        return self.feature.from_log(self.mean + self.sd * z)

    def to_z(self, raw: float) -> float:
        """The inverse of `from_z`."""
        return (self.feature.to_log(raw) - self.mean) / self.sd

    def clip(self, raw: float) -> float:
        """The nearest value that the voice can do."""
        return min(max(raw, self.low), self.high)


@frozen
class VoiceCard:
    """What is known of a voice before it speaks."""

    name: str
    sample_rate: int
    controls: tuple[Control, ...] = ()

    def control(self, feature: str) -> Control | None:
        """The control of this name, if the voice has it."""
        return next((c for c in self.controls if c.feature.name == feature), None)


@frozen
class SpeechRequest:
    """A text to speak and the raw values (within the voice's limits) of the features it should have."""

    text: str
    controls: Mapping[str, float] = field(factory=dict)


@frozen
class MelSettings:
    """How a mel spectrogram was made; a vocoder must expect the same."""

    sample_rate: int
    n_fft: int
    hop: int
    bands: int
    fmin_hz: float
    fmax_hz: float


@frozen
class Mel:
    """Natural-log mel spectrogram, shape ``(frames, bands)``, float32."""

    frames: NDArray[np.float32] = field(eq=cmp_using(eq=np.array_equal))
    settings: MelSettings


@frozen
class Spoken:
    """Synthesised speech, whole or a piece of a stream; ``notes`` go into the turn record (attempts, fallbacks)."""

    audio: Audio | None = None
    mel: Mel | None = None
    notes: Mapping[str, Any] = field(factory=dict)
