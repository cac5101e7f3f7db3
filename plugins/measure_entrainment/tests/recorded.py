"""Recorded sessions for tests, written as the engine writes them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from antiphon.audio_files import write_wav
from antiphon.features import Measurement
from antiphon.payloads import Audio
from antiphon.recording.records import TurnRecord
from antiphon.recording.serialize import to_json

RATE = 16_000
LOOP_S = 3.0


def profile(strategy: str, **options: object) -> str:
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in options.items())
    return f'[strategy]\nuse = "{strategy}"\n[strategy.options]\n{lines}[normalizer]\nuse = "causal"\n'


def exchanges(count: int, slope: float, *, seed: int = 0, text: str = "hello", attention: bool = False):
    """User and agent in turn; the agent's pitch is `slope` times the user's, with a little noise."""
    rng = np.random.default_rng(seed)
    records = []
    for turn in range(count):
        z, noise, start = float(rng.normal()), float(0.1 * rng.normal()), LOOP_S * turn
        user = {"pitch_mean": Measurement(200 * np.exp(0.1 * z)), "jitter": Measurement(None, "whispered")}
        agent = {"pitch_mean": Measurement(120 * np.exp(0.1 * (slope * z + noise))), "jitter": Measurement(0.01)}
        weights = rng.dirichlet(np.ones(2 * turn + 1), size=2).tolist()
        records += [
            TurnRecord(
                turn,
                "user",
                start + 0.1,
                start + 1.1,
                text,
                features=user,
                normalised={"pitch_mean": Measurement(z)},
                latency_ms={"recognizer": 20.0},
            ),
            TurnRecord(
                turn,
                "agent",
                start + 1.5,
                start + 2.5,
                text,
                features=agent,
                normalised={"pitch_mean": Measurement(slope * z + noise)},
                target={"pitch_mean": slope * z},
                controls={"pitch_mean": 120 * float(np.exp(0.1 * slope * z))},
                latency_ms={"response": 350.0 + turn},
                extras={"strategy": {"attention": weights}} if attention else {},
            ),
        ]
    return records


def session(folder: Path, told: str, turns, *, events=(), finished: bool = True, sound: bool = True) -> Path:
    """A session folder; with `sound`, a tone of 200 Hz for the user and of 300 Hz for the agent in each turn."""
    folder.mkdir(parents=True)
    (folder / "profile.resolved.toml").write_text(told, "utf-8")
    (folder / "turns.jsonl").write_text("".join(to_json(turn) + "\n" for turn in turns), "utf-8")
    known = [{"at_s": 0.0, "kind": "session_started", "started": "2026-01-01T10:00:00+00:00"}, *events]
    end_s = max((turn.end_s for turn in turns), default=0.0)
    if finished:
        known.append({"at_s": end_s, "kind": "session_finished", "reason": "end of input"})
    (folder / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in known), "utf-8")
    for speaker, hertz in (("user", 200), ("agent", 300)) if sound else ():
        time = np.arange(round(RATE * (end_s + 0.5))) / RATE
        mine = [turn for turn in turns if turn.speaker == speaker]
        speaks = sum(((time >= turn.start_s) & (time < turn.end_s)).astype(float) for turn in mine)
        write_wav(folder / f"{speaker}.wav", Audio(0.3 * speaks * np.sin(2 * np.pi * hertz * time), RATE))
    return folder
