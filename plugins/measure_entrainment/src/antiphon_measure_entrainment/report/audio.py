"""A session's two tracks as a page can hold them: compressed without loss, and as outlines to be drawn."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import soundfile
from antiphon.audio_files import read_audio
from antiphon.errors import AudioError
from antiphon.payloads import Audio
from antiphon.recording.recorder import AGENT_TRACK, USER_TRACK

from antiphon_measure_entrainment.statistics.inference import Floats

TRACKS = {"user": USER_TRACK, "agent": AGENT_TRACK}


def tracks(folder: Path) -> dict[str, Audio]:
    """The tracks that are there and hold sound, by speaker; a session of typed turns has none."""
    found = {}
    for speaker, name in TRACKS.items():
        try:
            found[speaker] = read_audio(folder / name)
        except AudioError:
            continue
    return found


def flac(audio: Audio) -> str:
    """The audio as FLAC of 16 bits, what recordings hold, in base64."""
    buffer = io.BytesIO()
    soundfile.write(buffer, audio.samples, audio.sample_rate, format="FLAC", subtype="PCM_16")
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def outline(audio: Audio, points: int) -> tuple[Floats, Floats]:
    """Times in seconds and the largest magnitude around each, at most `points` of them; full scale is 1."""
    size = max(1, -(-len(audio.samples) // points))
    starts = np.arange(0, len(audio.samples), size)
    peaks = np.maximum.reduceat(np.abs(audio.samples.astype(float)), starts) if starts.size else np.empty(0)
    return (starts + size / 2) / audio.sample_rate, peaks
