"""Makes models: new ones, from others' weights, and from voices; and makes voices of models."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from antiphon.errors import ModelError
from attrs import asdict
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from antiphon_tts_tacotron2.model.config import ModelConfig
from antiphon_tts_tacotron2.model.published import take_over
from antiphon_tts_tacotron2.model.tacotron2 import Tacotron2
from antiphon_tts_tacotron2.preparation.prepared import Prepared
from antiphon_tts_tacotron2.text.front_end import FrontEnd
from antiphon_tts_tacotron2.training.config import Config
from antiphon_tts_tacotron2.training.data import Corpus
from antiphon_tts_tacotron2.voice import SCHEMA, WEIGHTS, Voice, checked_file, read_voice, write_card


def build(config: Config, prepared: Prepared, front_end: FrontEnd, seed: int, start_from: Path | None) -> Tacotron2:
    """A model for a prepared corpus.

    Raises:
        ModelError: the weights to start from cannot be read, or none of them fits.
    """
    torch.manual_seed(seed)
    sizes = ModelConfig(
        symbols=len(front_end.symbols),
        controls=len(prepared.controls),
        bands=prepared.mel.bands,
        **asdict(config.model),
    )
    model = Tacotron2(sizes)
    if start_from is not None:
        take_over(model, start_from)
    model.mel_mean.copy_(torch.tensor(prepared.mel_mean))
    model.mel_sd.copy_(torch.tensor(prepared.mel_sd))
    return model


def write_voice(
    folder: Path,
    model: Tacotron2,
    corpus: Corpus,
    *,
    name: str,
    licence: str,
    data: str,
    measured: Mapping[str, Any],
) -> Voice:
    """Write a model as a voice, whole or not at all; it offers all its controls until they are measured."""
    prepared = corpus.prepared
    voice = Voice(
        schema=SCHEMA,
        name=name,
        licence=licence,
        data=data,
        model=model.config,
        front_end=corpus.front_end,
        mel=prepared.mel,
        controls=prepared.controls,
        offered=tuple(scale.feature for scale in prepared.controls),
        expected_duration=prepared.expected_duration,
        measured=measured,
    )
    temporary = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    weights = {key: tensor.detach().cpu().contiguous() for key, tensor in model.state_dict().items()}
    save_file(weights, temporary / WEIGHTS)
    write_card(temporary, voice)
    shutil.rmtree(folder, ignore_errors=True)
    temporary.replace(folder)
    return voice


def load_model(folder: Path) -> tuple[Voice, Tacotron2]:
    """A voice's card and its model, ready to speak.

    Raises:
        ModelError: the card or the weights are damaged or do not fit together.
    """
    voice = read_voice(folder)
    path = checked_file(folder, voice, WEIGHTS)
    model = Tacotron2(voice.model)
    try:
        model.load_state_dict(load_file(path))
    except (SafetensorError, RuntimeError) as error:
        raise ModelError(f"{path}: does not hold the weights that the card describes ({error})") from error
    return voice, model.eval()
