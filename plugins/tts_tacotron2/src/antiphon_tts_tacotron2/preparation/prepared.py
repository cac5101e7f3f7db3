"""The file ``preparation.json``: all that training has to know of a prepared corpus."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from antiphon.errors import InputError
from antiphon.payloads import MelSettings
from attrs import asdict, frozen
from cattrs import Converter
from cattrs.errors import BaseValidationError
from numpy.typing import NDArray

from antiphon_tts_tacotron2.controls import ControlScale, ExpectedDuration
from antiphon_tts_tacotron2.preparation.item import Item
from antiphon_tts_tacotron2.preparation.splits import Split

SCHEMA = 1
FILE = "preparation.json"

_CONVERTER = Converter(forbid_extra_keys=True)
_CONVERTER.register_structure_hook(float, lambda value, _: float(value))


@frozen
class Prepared:
    """A prepared corpus.

    Attributes:
        corpus: name of the corpus's folder.
        mel_mean, mel_sd: of every mel band, over the training split.
        gain_db: training makes utterances louder or softer by up to this.
        problems: recording id to why it was left out.
    """

    schema: int
    corpus: str
    seed: int
    mel: MelSettings
    gain_db: float
    controls: tuple[ControlScale, ...]
    expected_duration: ExpectedDuration
    mel_mean: tuple[float, ...]
    mel_sd: tuple[float, ...]
    items: Mapping[Split, tuple[Item, ...]]
    problems: Mapping[str, str]

    def write(self, folder: Path) -> None:
        """Write ``preparation.json``, whole or not at all."""
        temporary = folder / f"{FILE}.part"
        temporary.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n", "utf-8")
        temporary.replace(folder / FILE)


def read_prepared(folder: Path) -> Prepared:
    """The prepared corpus of a folder.

    Raises:
        InputError: there is none, or it is damaged or of another version.
    """
    path = folder / FILE
    try:
        content: Any = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); run antiphon tacotron2 prepare") from error
    except ValueError as error:
        raise InputError(f"{path}: damaged ({error}); prepare the corpus again") from error
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise InputError(f"{path}: is no preparation of version {SCHEMA}; prepare the corpus again")
    try:
        return _CONVERTER.structure(content, Prepared)
    except (BaseValidationError, TypeError, ValueError) as error:
        raise InputError(f"{path}: damaged ({error}); prepare the corpus again") from error


def load_mel(folder: Path, item: Item) -> NDArray[np.float32]:
    """The cached mel spectrogram of an utterance.

    Raises:
        InputError: it is not there.
    """
    path = folder / "mels" / f"{item.name}.npy"
    try:
        mel: NDArray[np.float32] = np.load(path, allow_pickle=False).astype(np.float32)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error}); prepare the corpus again") from error
    return mel
