"""Prepares a corpus: reads, measures, varies, splits, scales."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from antiphon.errors import InputError
from antiphon.payloads import MelSettings
from attrs import asdict, field, frozen, validators

from antiphon_tts_tacotron2.mel import STANDARD
from antiphon_tts_tacotron2.preparation.corpus import read_corpus
from antiphon_tts_tacotron2.preparation.finish import finish
from antiphon_tts_tacotron2.preparation.measure_all import Progress, measure_all
from antiphon_tts_tacotron2.preparation.outcomes import OutcomeFile
from antiphon_tts_tacotron2.preparation.prepared import Prepared
from antiphon_tts_tacotron2.preparation.process import Settings
from antiphon_tts_tacotron2.preparation.variation import Spread


@frozen
class Preparation:
    """How a corpus is prepared.

    Attributes:
        variants: of each recording, with another pitch, pitch range and rate.
        gain_db: how much louder or softer training makes an utterance, at most.
    """

    mel: MelSettings = STANDARD
    variants: int = field(default=2, validator=validators.ge(0))
    spread: Spread = field(factory=Spread)
    gain_db: float = field(default=6.0, validator=validators.ge(0.0))
    seed: int = 0


def prepare(corpus: Path, folder: Path, preparation: Preparation, jobs: int, progress: Progress) -> Prepared:
    """Prepare a corpus into a folder; recordings that were prepared there before are not measured again.

    Raises:
        InputError: no corpus, too little of it is usable, or the folder holds another preparation.
    """
    recordings = read_corpus(corpus)
    folder.mkdir(parents=True, exist_ok=True)
    _same_as_before(folder / "settings.json", {"corpus": corpus.name, **asdict(preparation)})
    settings = Settings(folder / "mels", preparation.mel, preparation.variants, preparation.spread, preparation.seed)
    outcomes = measure_all(recordings, OutcomeFile(folder / "outcomes.jsonl"), settings, jobs, progress)
    prepared = finish(outcomes, folder, corpus.name, preparation.mel, preparation.gain_db, preparation.seed)
    prepared.write(folder)
    return prepared


def _same_as_before(path: Path, settings: dict[str, Any]) -> None:
    """Keep the settings, or refuse if what is there was made with others."""
    if path.exists():
        before = json.loads(path.read_text("utf-8"))
        other = sorted(key for key in settings if before.get(key) != settings[key])
        if other:
            raise InputError(
                f"{path.parent} was prepared with another {' and '.join(other)}; choose another folder or delete it"
            )
        return
    path.write_text(json.dumps(settings, indent=1) + "\n", "utf-8")
