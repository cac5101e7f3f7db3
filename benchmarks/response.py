"""From the end of the user's speech to the first sample of the agent's audio, with real parts and real speech.

The user is one track of read sentences with pauses between them, delivered at the pace of real time, as a microphone
would. Times count from the endpointer's decision: the silence it waits for is an option. The engine's own share is
what remains when the recogniser, what is measured behind it and the voice are fakes whose work takes next to no time,
in the same places: a worker process, the engine's thread, a thread. (Praat has done its work before the decision.)
"""

from __future__ import annotations

import itertools
import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from antiphon.audio_files import write_wav
from antiphon.discovery import Plugins
from antiphon.engine import run_profile
from antiphon.payloads import Audio
from antiphon.recording.records import TurnRecord
from antiphon.testing.dialogues import fake_plugins

from benchmarks import probes
from benchmarks.common import Figure, Report, Sentence, Settings, command, figure, percentile, sentences

SILENCE_S = 0.8
NOISE_DB = -60.0

REAL = """
schema = 1
name = "response"
[audio_in]
use = "watched-file"
options = { path = "user.wav", pace = "real", timeline = "pause" }
[endpoint]
use = "energy"
[recognizer]
use = "sphinx"
[[features]]
use = "praat"
[[features]]
use = "rate"
[normalizer]
use = "causal"
[responder]
use = "eliza"
[strategy]
use = "partial"
options.ratio = 0.8
[[transform]]
use = "to-voice"
[synthesizer]
use = "espeak"
[audio_out]
use = "watched-device"
"""

FAKES = """
schema = 1
name = "core"
[audio_in]
use = "fake-audio"
options = {{ turns = {turns}, speech_s = 0.2, silence_s = 0.4, pace = "real" }}
[endpoint]
use = "fake"
options.silence_s = 0.2
[recognizer]
use = "fake-streaming-process"
options.script = ["yes"]
[[features]]
use = "constant"
options.values = {{ pitch_mean = 200.0, intensity_mean = 60.0, rate = 4.0 }}
[normalizer]
use = "causal"
[responder]
use = "constant"
options.text = "Yes."
[strategy]
use = "partial"
[[transform]]
use = "to-voice"
[synthesizer]
use = "fake-streaming"
options = {{ sample_rate = 8000, chunk_s = 0.1 }}
[audio_out]
use = "fake"
"""

STAGES: Mapping[str, str] = {
    "recognizer": "recognizer, from the decision to the words",
    "features.0": "praat, most of it in the pause before the decision",
    "features.1": "rate",
    "normalizer": "normalizer",
    "responder": "responder",
    "strategy": "strategy",
    "transform.0": "to-voice",
    "synthesizer": "synthesizer, to its first audio",
}


def run(settings: Settings) -> Report:
    """Hold a dialogue with real parts at the pace of real time, and one with fakes for the engine's own share."""
    spoken = sentences(settings.data, 5 if settings.quick else 32)
    probes.read.clear()
    probes.played.clear()
    real = hold(REAL, Plugins([("probes", probes)]), spoken)
    fakes = hold(FAKES.format(turns=6 if settings.quick else 30), fake_plugins())
    response = _latencies(real, "response")
    own = _latencies(fakes, "response")
    return Report(
        "From the end of speech to the first sample of the answer",
        [
            figure("response, median", statistics.median(response), "ms", at_most=100),
            figure("response, 95th percentile", percentile(response, 95), "ms", at_most=200),
            *_by_stage(real),
            figure("the engine's own share, median", statistics.median(own), "ms", at_most=3),
            figure("the engine's own share, 95th percentile", percentile(own, 95), "ms"),
            figure("longest gap in the user's audio while the agent listens", 1e3 * _listening_gap(), "ms"),
            figure("longest gap in the user's audio while it answers", 1e3 * _answering_gap(), "ms"),
            figure("longest gap in the agent's audio", 1e3 * _playing_gap(), "ms", at_most=0),
        ],
        [
            f"{len(response)} turns of real speech: Sphinx, Praat, rate, causal, Eliza, partial, to-voice, eSpeak. "
            "Stages overlap, so theirs do not add up to the response.",
            "A gap in the user's audio is how much later than one chunk's length the next chunk was taken; "
            "a microphone keeps what arrives meanwhile. A gap in the agent's audio is how long a loudspeaker "
            "would have run dry within an utterance.",
        ],
    )


def hold(profile: str, plugins: Plugins, spoken: Sequence[Sentence] = ()) -> tuple[TurnRecord, ...]:
    """The turns of a dialogue, held in a temporary folder with the user's track in it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if spoken:
            write_wav(folder / "user.wav", track(spoken))
        (folder / "profile.toml").write_text(profile, encoding="utf-8")
        result = run_profile(folder / "profile.toml", sessions=folder / "sessions", plugins=plugins)
        if result.error is not None:
            raise result.error
        return result.turns


def track(spoken: Sequence[Sentence]) -> Audio:
    """The sentences with pauses between them, in faint noise as of a quiet room."""
    rate = spoken[0].audio.sample_rate
    silence = np.zeros(round(SILENCE_S * rate), np.float32)
    parts = [silence, *itertools.chain.from_iterable((sentence.audio.samples, silence) for sentence in spoken)]
    samples = np.concatenate(parts)
    noise = np.random.default_rng(0).normal(0, 10 ** (NOISE_DB / 20), len(samples))
    return Audio(samples + noise, rate)


def _latencies(turns: Sequence[TurnRecord], stage: str) -> list[float]:
    return [turn.latency_ms[stage] for turn in turns if stage in turn.latency_ms]


def _by_stage(turns: Sequence[TurnRecord]) -> Iterator[Figure]:
    for stage, shown in STAGES.items():
        if ms := _latencies(turns, stage):
            yield Figure(shown, f"{statistics.median(ms):.1f} ms, 95 %: {percentile(ms, 95):.1f} ms")


def _gaps() -> Iterator[tuple[float, bool]]:
    """How much longer than it lasts each chunk was waited for, and whether the agent began to speak meanwhile."""
    answers = [delivery.at_s for delivery in probes.played if delivery.opens]
    for earlier, later in itertools.pairwise(probes.read):
        answering = any(earlier.at_s < at_s < later.at_s for at_s in answers)
        yield later.at_s - earlier.at_s - later.duration_s, answering


def _listening_gap() -> float:
    return max(gap for gap, answering in _gaps() if not answering)


def _answering_gap() -> float:
    return max(gap for gap, answering in _gaps() if answering)


def _playing_gap() -> float:
    """The longest time for which a loudspeaker that plays at once would have waited for more of an utterance."""
    longest, heard_until_s = 0.0, 0.0
    for delivery in probes.played:
        if not delivery.opens:
            longest = max(longest, delivery.at_s - heard_until_s)
        heard_until_s = delivery.duration_s + (delivery.at_s if delivery.opens else max(delivery.at_s, heard_until_s))
    return longest


main = command(run)

if __name__ == "__main__":
    main()
