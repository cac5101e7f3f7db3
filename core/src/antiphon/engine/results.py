"""Checks that what a plugin returned is what its stage promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from antiphon.features import Measurement
from antiphon.payloads import Audio, Pause, Reply, Resume, SpeechEnd, SpeechStart, Spoken, Target, Transcript, Typed

_EVENTS = (SpeechStart, Pause, Resume, SpeechEnd)
_PROMISED: Mapping[tuple[str, str], tuple[type, ...]] = {
    ("audio_in", "read"): (Audio, Typed, type(None)),
    ("recognizer", "recognize"): (Transcript,),
    ("recognizer", "feed"): (Transcript, type(None)),
    ("recognizer", "finish"): (Transcript,),
    ("responder", "respond"): (Reply,),
    ("responder", "stream"): (str,),
    ("strategy", "propose"): (Target,),
    ("synthesizer", "synthesize"): (Spoken,),
    ("synthesizer", "stream"): (Spoken,),
    ("vocoder", "vocode"): (Audio,),
    ("audio_out", "pending_s"): (float, int),
    ("audio_out", "stop"): (int,),
}
_MEASURING = {("features", "extract"), ("normalizer", "normalize"), ("transform", "apply")}


def checked(stage: str, method: str, result: Any) -> Any:
    """The result, if it is of the promised type.

    Raises:
        TypeError: it is not; says what was promised.
    """
    promised = _PROMISED.get((stage, method))
    if promised is not None:
        _expect(isinstance(result, promised), method, result, " or ".join(kind.__name__ for kind in promised))
    elif (stage, method) in _MEASURING:
        fits = isinstance(result, Mapping) and all(isinstance(value, Measurement) for value in result.values())
        _expect(fits, method, result, "a mapping of feature names to Measurement")
    elif stage == "endpoint":
        fits = isinstance(result, Sequence) and all(isinstance(event, _EVENTS) for event in result)
        _expect(fits, method, result, "a sequence of endpoint events")
    return result


def _expect(fits: bool, method: str, result: Any, promised: str) -> None:
    if not fits:
        raise TypeError(f"{method}() returned {type(result).__name__} {result!r:.60}, not {promised}")
