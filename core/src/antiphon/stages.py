"""The plugin API: what an implementation of each stage must offer.

An implementation is a **component**: a class called as ``Class(options, setup)`` once a process, which loads what is
expensive. For every conversation the engine calls ``component.session(seed)`` and gets a fresh object that holds all
the state of that conversation and nothing else; randomness comes from ``seed`` alone. Sessions of one component may be
interleaved call by call, but calls never overlap: the engine makes them one at a time, on a thread or in a worker
process of the component's own. All methods are plain functions. ``close()`` is optional, on both.

Each protocol below is the session of one stage. Whatever a session raises fails its stage, under the profile's policy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from antiphon.features import FeatureSpec, Measurements
from antiphon.payloads import (
    Audio,
    EndpointEvent,
    Exchange,
    Mel,
    Observation,
    Reply,
    SpeechRequest,
    Spoken,
    Target,
    Transcript,
    Typed,
    Utterance,
    VoiceCard,
)

OptionsT = TypeVar("OptionsT")


@frozen
class Setup:
    """What a component is told about the pipeline it is opened in.

    Attributes:
        folder: the profile's folder, for whatever must be found beside it.
        specs: the features that reach this stage, by name.
        voice: the voice that will speak; None where there is none.
    """

    folder: Path = field(factory=Path)
    specs: Mapping[str, FeatureSpec] = field(factory=dict)
    voice: VoiceCard | None = None


class Component(Generic[OptionsT]):
    """A convenient base for implementations: it keeps ``options`` and ``setup``. Nothing requires its use."""

    def __init__(self, options: OptionsT, setup: Setup) -> None:
        self.options = options
        self.setup = setup


@runtime_checkable
class AudioIn(Protocol):
    """Delivers the user's side, chunk by chunk.

    The component's options may have an attribute ``live``: whether audio goes on while the agent speaks (it does, too,
    if the provider has the capability ``live``).
    """

    def read(self) -> Audio | Typed | None:
        """The next chunk (10 to 100 ms; any sample rate, but always the same), a typed turn, or None at the end.

        Blocks until there is one; a device keeps what arrives between two calls. ``start_sample`` counts from 0.
        """


@runtime_checkable
class Endpointer(Protocol):
    """Finds where speech begins and ends."""

    def feed(self, chunk: Audio) -> Sequence[EndpointEvent]:
        """What became known with this chunk. Chunks are contiguous; after a gap the engine makes a new session."""

    def flush(self) -> Sequence[EndpointEvent]:
        """The input has ended: end the speech that is under way, if any."""


@runtime_checkable
class Recognizer(Protocol):
    """Turns speech into words."""

    def recognize(self, speech: Audio) -> Transcript:
        """The words of one whole turn."""


@runtime_checkable
class StreamingRecognizer(Protocol):
    """A recogniser that listens while the user speaks. Either calls come in order: begin, feed..., finish or cancel."""

    def begin(self, sample_rate: int) -> None:
        """A turn starts."""

    def feed(self, chunk: Audio) -> Transcript | None:
        """More of the turn; returns the words so far where they have changed."""

    def finish(self) -> Transcript:
        """The turn is over: its words, timed from the first sample that was fed."""

    def cancel(self) -> None:
        """Forget the turn that is under way."""


@runtime_checkable
class PausingRecognizer(StreamingRecognizer, Protocol):
    """A streaming recogniser with the capability ``pauses``: it can use the time in which nobody knows yet whether the
    turn is over."""

    def pause(self) -> None:
        """The user has fallen silent; if no `resume` comes before `finish`, no more words have been fed."""

    def resume(self) -> None:
        """The user speaks again."""


@runtime_checkable
class FeatureExtractor(Protocol):
    """Measures an utterance, of the user or of the agent."""

    def extract(self, utterance: Utterance, known: Measurements) -> Measurements:
        """A measurement, or the reason for its absence, for every feature that the provider writes.

        ``known`` holds what earlier extractors of the profile measured.
        """


@runtime_checkable
class Normalizer(Protocol):
    """Puts the user's features on a common scale.

    Its options class has a method ``convert(specs) -> specs``: what it makes of the features that reach it.
    """

    def normalize(self, features: Measurements) -> Measurements:
        """The normalised features of the latest turn; called once a turn, in order."""


@runtime_checkable
class Responder(Protocol):
    """Writes the agent's replies."""

    def respond(self, exchange: Exchange) -> Reply:
        """The reply to a user's turn, whose text is empty when nothing was recognised."""


@runtime_checkable
class StreamingResponder(Protocol):
    """A responder whose text arrives in pieces; the deadline then holds for each piece."""

    def stream(self, exchange: Exchange) -> Iterator[str]:
        """The reply, piece by piece."""


@runtime_checkable
class Strategy(Protocol):
    """Chooses the prosody of the agent's replies: the entrainment strategy.

    The target is on the scale of what it observes: z after a normaliser. Feature mask, clipping and slew limit are
    the engine's (profile keys ``strategy.features``, ``clip``, ``slew``), so a strategy implements none of them.
    """

    def observe(self, observation: Observation) -> None:
        """The user has finished a turn."""

    def propose(self, reply: Reply) -> Target:
        """The prosody of the reply that is about to be spoken."""

    def realised(self, observation: Observation) -> None:
        """What the agent's voice really did."""


@runtime_checkable
class Transform(Protocol):
    """Changes features on their way, the user's before the normaliser or the target's behind the strategy.

    Its options class has a method ``convert(specs) -> specs`` like a normaliser's.
    """

    def apply(self, features: Measurements) -> Measurements:
        """The transformed features of one turn."""


@runtime_checkable
class Synthesizer(Protocol):
    """Speaks. Its options class has a method ``voice() -> VoiceCard``."""

    def synthesize(self, request: SpeechRequest) -> Spoken:
        """The whole utterance, as audio (or as mel, with that capability). ``audio`` None: nothing to hear."""


@runtime_checkable
class StreamingSynthesizer(Protocol):
    """Speaks piece by piece; all pieces have the same sample rate. Closing the iterator cancels."""

    def stream(self, request: SpeechRequest) -> Iterator[Spoken]:
        """The utterance in order."""


@runtime_checkable
class Vocoder(Protocol):
    """Turns mel spectrograms into audio. Its options class has a method ``mel_settings() -> MelSettings``."""

    def vocode(self, mel: Mel) -> Audio:
        """The audio of a mel spectrogram."""


@runtime_checkable
class AudioOut(Protocol):
    """Plays or keeps the agent's audio.

    Without the capability ``device`` the engine hands over only what is heard, at the pace of the user's track.
    """

    def begin(self, sample_rate: int, start_s: float) -> None:
        """The agent starts to speak, `start_s` into the session."""

    def play(self, audio: Audio) -> None:
        """More of the utterance; returns as soon as it is queued."""

    def pending_s(self) -> float:
        """Seconds of audio that are queued and not yet heard; 0 for sinks that are no devices. Returns at once."""

    def stop(self) -> int:
        """Fall silent at once; returns how many samples of this utterance were heard."""


@runtime_checkable
class Embedding(Protocol):
    """Turns words into vectors, for models that read text."""

    def embed(self, text: str) -> NDArray[np.float32]:
        """A vector for every word or token, shape ``(words, dims)``; the same for the same text.

        ``dims`` is always the same, also where there are no words.
        """


PROTOCOLS: Mapping[str, tuple[Any, ...]] = {
    "audio_in": (AudioIn,),
    "endpoint": (Endpointer,),
    "recognizer": (Recognizer, StreamingRecognizer),
    "features": (FeatureExtractor,),
    "normalizer": (Normalizer,),
    "responder": (Responder, StreamingResponder),
    "strategy": (Strategy,),
    "transform": (Transform,),
    "synthesizer": (Synthesizer, StreamingSynthesizer),
    "vocoder": (Vocoder,),
    "audio_out": (AudioOut,),
    "embedding": (Embedding,),
}
"""The protocols of which a session of a stage or part fulfils one: the second one if the provider is ``streaming``."""
