"""Corpora that another voice speaks, with random prosody: free, as large as one likes, and perfectly transcribed.

A model that learned from one has learned to read and to hear its controls over a wide range, and needs little of a
reader's speech to take on the reader's voice.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from antiphon.audio_files import write_wav
from antiphon.discovery import Plugins
from antiphon.errors import InputError
from antiphon.payloads import SpeechRequest, VoiceCard
from antiphon.profile.choose import Chooser
from antiphon.profile.values import Wrong
from antiphon.speaking import speak_all
from antiphon.stages import Setup

from antiphon_tts_tacotron2.preparation.item import stable_seed
from antiphon_tts_tacotron2.text.written import spoken

WIDEST_Z = 2.5
"""Controls are uniform between so many standard deviations of the voice's natural speech to either side."""


def read_sentences(path: Path) -> list[str]:
    """The lines of a text file that have something to say.

    Raises:
        InputError: it cannot be read, or has none.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error}); give a text file in UTF-8, a sentence a line") from error
    sentences = [" ".join(line.replace("|", " ").split()) for line in lines if spoken(line)]
    if not sentences:
        raise InputError(f"{path}: has no sentence; write one a line")
    return sentences


def speak_corpus(
    sentences: list[str],
    folder: Path,
    voice: str,
    options: Mapping[str, Any],
    takes: int,
    seed: int,
    progress: Callable[[int, int], None],
) -> None:
    """Write a corpus: every sentence in so many takes. Recordings that are there already are kept.

    Raises:
        InputError: no such voice, or wrong options of it.
    """
    try:
        chosen = Chooser(Plugins(), Path.cwd()).choose("synthesizer", voice, dict(options), key="voice")
    except Wrong as wrong:
        told = (f"{'.'.join(map(str, path))}: {message}" for path, message in wrong.problems)
        raise InputError("\n".join(told)) from None
    card = chosen.options.voice()
    (folder / "wavs").mkdir(parents=True, exist_ok=True)
    jobs = [(f"s{line:05d}_{take}", text) for line, text in enumerate(sentences, 1) for take in range(1, takes + 1)]
    component = chosen.provider.open(chosen.options, Setup())
    with contextlib.ExitStack() as stack:
        stack.callback(getattr(component, "close", lambda: None))
        for done, (name, text) in enumerate(jobs, 1):
            path = folder / "wavs" / f"{name}.wav"
            if not path.exists():
                own_seed = stable_seed(seed, name)
                audio = speak_all(component.session(own_seed), SpeechRequest(text, random_controls(card, own_seed)))
                if audio is not None:
                    temporary = path.with_suffix(".part")
                    write_wav(temporary, audio)
                    temporary.replace(path)
            progress(done, len(jobs))
    (folder / "metadata.csv").write_text("".join(f"{name}|{text}\n" for name, text in jobs), "utf-8")


def random_controls(card: VoiceCard, seed: int) -> dict[str, float]:
    """Raw values for all controls of a voice, within its limits."""
    random = np.random.default_rng(seed)
    return {c.feature.name: c.clip(c.from_z(random.uniform(-WIDEST_Z, WIDEST_Z))) for c in card.controls}
