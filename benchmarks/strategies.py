"""What the strategies do to a voice: the same simulated users talk to agents that entrain to them, or do not.

Sessions are held with the profiles of profiles/experiment, at the pace of the machine, and are kept: a second call
goes on with those that lack. `antiphon measure FOLDER/*` judges them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
from antiphon.engine import run_profile
from antiphon.profile.toml import write_value
from antiphon.recording.reader import read_recording
from antiphon.recording.recorder import TURNS
from rich.console import Console

PROFILES = Path(__file__).resolve().parent.parent / "profiles" / "experiment"
STRATEGIES = ("neutral", "matching", "partial", "disentrain", "sham")
VOICES = ("en-us+f5", "en-us+klatt4", "en")
"""Those of eSpeak NG that are calibrated and are not the agent's; users take them in turn."""
SENTENCES = (
    "hello my name is anna",
    "i live in a small town near the river",
    "the people there are friendly and they like to talk",
    "in the winter it is very dark and cold",
    "i would like to see the sea again",
    "my brother has a house on the hill",
    "we go there every year in the summer",
    "last week i read a long book about birds",
    "it was better than i thought it would be",
    "do you know what the weather will be tomorrow",
    "i think it is going to rain all day",
    "then i will stay at home and cook something",
    "my mother told me how to make good bread",
    "you need time and a warm kitchen",
    "i have to go to work on monday morning",
    "thank you for listening to me",
)
INERTIA = 0.4
SPREAD = {"pitch_st": 2.5, "intensity_db": 3.0, "rate_ratio": 0.15}
"""Standard deviations of the user's turns about the voice's mean; of the rate, of its logarithm."""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--users", default=6, show_default=True, type=click.IntRange(2))
@click.option("--turns", default=16, show_default=True, type=click.IntRange(5))
def main(folder: Path, users: int, turns: int) -> None:
    """Hold a session of each simulated user with each strategy, recorded in FOLDER/STRATEGY/USER/."""
    hold_all(folder, users, turns, Console(stderr=True))


def hold_all(folder: Path, users: int, turns: int, console: Console) -> list[Path]:
    """The session folders, held now or before."""
    sessions: dict[tuple[str, int], Path] = {}
    for strategy in STRATEGIES:
        for user in range(users):
            others = [path for (condition, other), path in sessions.items() if condition == "neutral" and other != user]
            home = folder / strategy / f"user{user}"
            held = [path for path in home.glob("*") if (path / TURNS).is_file() and read_recording(path).complete]
            if not held:
                console.print(f"[dim]{strategy}, user {user}[/]")
                held = [_hold(strategy, user, turns, home, others)]
            sessions[strategy, user] = held[0]
    return list(sessions.values())


def _hold(strategy: str, user: int, turns: int, home: Path, others: Sequence[Path]) -> Path:
    own = [
        f"audio_in.options.script={write_value(script(user, turns))}",
        f"audio_in.options.voice={write_value({'use': 'espeak', 'options': {'name': VOICES[user % len(VOICES)]}})}",
        'responder.options.on_end="loop"',
        f"session.seed={user}",
        f"session.turns={turns}",
        "endpoint.timeout_s=60.0",  # a busy machine makes no other session
        "recognizer.timeout_s=60.0",
    ]
    if strategy == "sham":
        options = {"ratio": 0.5, "sessions": [str(path.resolve()) for path in others]}
        own += ['strategy.use="sham"', f"strategy.options={write_value(options)}"]
    profile = "partial" if strategy == "sham" else strategy
    result = run_profile(PROFILES / f"{profile}.toml", sessions=home, overrides=own)
    if result.error is not None:
        raise result.error
    return result.info.folder


def script(user: int, turns: int) -> list[dict[str, object]]:
    """What a user says, and how: autoregressive steps in pitch, intensity and rate, known by the user's number."""
    rng = np.random.default_rng(user)
    state = np.zeros(len(SPREAD))
    lines: list[dict[str, object]] = []
    for turn in range(turns):
        state = INERTIA * state + np.sqrt(1 - INERTIA**2) * rng.normal(size=state.size)
        pitch, intensity, rate = np.clip(state, -2, 2) * list(SPREAD.values())
        text = SENTENCES[(turn + 5 * user) % len(SENTENCES)]
        lines.append(
            {
                "text": text,
                "pitch_st": round(float(pitch), 2),
                "intensity_db": round(float(intensity), 2),
                "rate_ratio": round(float(np.exp(rate)), 3),
            }
        )
    return lines


if __name__ == "__main__":
    main()
