"""Makes a voice speak a whole utterance, whichever of the two protocols it fulfils."""

from __future__ import annotations

from typing import Any

import numpy as np

from antiphon.errors import AudioError
from antiphon.payloads import Audio, SpeechRequest
from antiphon.stages import StreamingSynthesizer


def speak_all(session: Any, request: SpeechRequest) -> Audio | None:
    """The whole utterance of a `Synthesizer` or `StreamingSynthesizer` session; None if there is nothing to hear.

    Raises:
        AudioError: the pieces of a stream have different sample rates.
    """
    if not isinstance(session, StreamingSynthesizer):
        whole: Audio | None = session.synthesize(request).audio
        return whole
    pieces = [piece.audio for piece in session.stream(request) if piece.audio is not None]
    rates = {piece.sample_rate for piece in pieces}
    if len(rates) > 1:
        raise AudioError(f"a voice changed its sample rate within one utterance: {sorted(rates)} Hz")
    return Audio(np.concatenate([piece.samples for piece in pieces]), rates.pop()) if pieces else None
