"""Voices are folders: a card, ``voice.json``, and the weights beside it. This module needs no torch.

The card holds everything that must be the same in training and in speaking: sizes, text front end, mel settings,
control scale, expected duration. And it says what a user wants to know: name, data, licence, what was measured.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from antiphon.errors import ModelError
from antiphon.features import RATE
from antiphon.payloads import Control, MelSettings, VoiceCard
from attrs import asdict, field, frozen
from cattrs import Converter, transform_error
from cattrs.errors import BaseValidationError

from antiphon_tts_tacotron2.controls import CONTROLLED, WIDTH_SD, ControlScale, ExpectedDuration
from antiphon_tts_tacotron2.model.config import ModelConfig
from antiphon_tts_tacotron2.text.front_end import FrontEnd

SCHEMA = 1
CARD = "voice.json"
WEIGHTS = "model.safetensors"

_CONVERTER = Converter(forbid_extra_keys=True)
_CONVERTER.register_structure_hook_func(lambda t: t is Any, lambda value, _: value)


@frozen
class Voice:
    """What is known of a voice.

    Attributes:
        data: what it was trained on: source, amount, licence of the data.
        controls: one for each place of the model's control vector, in order.
        offered: the names of the controls that users may set: those that the voice was shown to follow.
        measured: what ``fidelity`` and others found.
        files: name to SHA-256 of every other file of the folder.
    """

    schema: int
    name: str
    licence: str
    data: str
    model: ModelConfig
    front_end: FrontEnd
    mel: MelSettings
    controls: tuple[ControlScale, ...]
    offered: tuple[str, ...]
    expected_duration: ExpectedDuration
    measured: Mapping[str, Any] = field(factory=dict)
    files: Mapping[str, str] = field(factory=dict)

    def card(self) -> VoiceCard:
        """What the engine is told: the controls that are offered, with the limits of the scale."""
        offered = tuple(_control(scale) for scale in self.controls if scale.feature in self.offered)
        return VoiceCard(self.name, self.mel.sample_rate, offered)


def _control(scale: ControlScale) -> Control:
    spec = CONTROLLED[scale.feature]
    low, high = scale.unscaled(-1.0), scale.unscaled(1.0)
    if spec.name == RATE.name:  # x is relative to the text, and an average text is spoken at the natural mean
        low, high = scale.natural_mean - WIDTH_SD * scale.sd, scale.natural_mean + WIDTH_SD * scale.sd
    return Control(spec, scale.natural_mean, scale.natural_sd, spec.from_log(low), spec.from_log(high))


def write_card(folder: Path, voice: Voice) -> None:
    """Write the card of a folder whose other files are there, with their hashes."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    files = {name: _sha256(folder / name) for name in names if name != CARD and not name.endswith(".part")}
    content = asdict(voice) | {"files": files}
    temporary = folder / f"{CARD}.part"
    temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
    temporary.replace(folder / CARD)


def read_voice(folder: Path) -> Voice:
    """The card of a voice.

    Raises:
        ModelError: there is none, or it is damaged, of another version, or contradicts itself.
    """
    path = folder / CARD
    try:
        content: Any = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); a voice is a folder with a {CARD}") from error
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path}: damaged ({error}); get the voice again") from error
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise ModelError(f"{path}: is no voice of version {SCHEMA}; get one, or this plugin, in a version that fits")
    try:
        voice = _CONVERTER.structure(content, Voice)
    except BaseValidationError as error:
        raise ModelError("\n".join(f"{path}: {problem}" for problem in transform_error(error))) from error
    for wrong in _contradictions(voice):
        raise ModelError(f"{path}: {wrong}; get the voice again")
    return voice


def checked_file(folder: Path, voice: Voice, name: str) -> Path:
    """The path of one of a voice's files.

    Raises:
        ModelError: the card does not know it, or it is missing or not what it was.
    """
    if name not in voice.files:
        raise ModelError(f'{folder}: the voice "{voice.name}" has no {name}; export it')
    path = folder / name
    try:
        found = _sha256(path)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); get the voice again") from error
    if found != voice.files[name]:
        raise ModelError(f"{path}: is not the file that the voice's card describes; get the voice again")
    return path


def _contradictions(voice: Voice) -> list[str]:
    """What does not fit together in a card."""
    wrong = []
    names = [scale.feature for scale in voice.controls]
    numbers = [(s.median, s.sd, s.natural_mean, s.natural_sd) for s in voice.controls]
    if unknown := sorted(set(names) - CONTROLLED.keys()):
        wrong.append(f"controls unknown features: {', '.join(unknown)}")
    if len(names) != voice.model.controls or len(set(names)) != len(names):
        wrong.append(f"has {len(names)} controls where the model has {voice.model.controls}")
    if not set(voice.offered) <= set(names):
        wrong.append(f"offers controls that it does not have: {', '.join(sorted(set(voice.offered) - set(names)))}")
    if not all(math.isfinite(n) for four in numbers for n in four) or any(s.sd <= 0 for s in voice.controls):
        wrong.append("has a control scale that is not finite and positive")
    if len(voice.front_end.symbols) != voice.model.symbols:
        wrong.append(f"reads {len(voice.front_end.symbols)} symbols where the model has {voice.model.symbols}")
    if voice.mel.bands != voice.model.bands:
        wrong.append(f"has {voice.mel.bands} mel bands where the model has {voice.model.bands}")
    return wrong


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
