"""Training configurations: TOML files with the tables ``model`` and ``training``; those in `configs/` have names."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from antiphon.errors import InputError
from attrs import field, frozen, validators
from cattrs import Converter, transform_error
from cattrs.errors import BaseValidationError

from antiphon_tts_tacotron2.model.config import Place
from antiphon_tts_tacotron2.text.front_end import Kind

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found, unused-ignore]

CONFIGS = Path(__file__).parent.parent / "configs"


@frozen
class Sizes:
    """The table ``model``: the fields of `ModelConfig` that are not decided by the data."""

    reduction: int
    controls_into: tuple[Place, ...]
    causal_prior: bool
    embedding: int
    encoder_layers: int
    encoder_kernel: int
    prenet: int
    attention_lstm: int
    attention: int
    location_filters: int
    location_kernel: int
    decoder_lstm: int
    postnet: int
    postnet_layers: int
    postnet_kernel: int
    dropout: float
    prenet_dropout: float
    lstm_dropout: float


@frozen
class Training:
    """The table ``training``.

    Attributes:
        text: what the model reads.
        steps: how many; the learning rate is annealed to the end of them, or of the minutes if those end sooner.
        batch: utterances.
        learning_rate: the highest.
        averaging: of the weights that are kept: how much of the average stays, a step.
        guidance: weight of guided attention at the start; it falls to a tenth over the first third.
        natural_share: how often a recording itself is used, and not one of its variants.
    """

    text: Kind = "phonemes"
    steps: int = field(default=20_000, validator=validators.ge(1))
    batch: int = field(default=24, validator=validators.ge(1))
    learning_rate: float = field(default=1e-3, validator=validators.gt(0.0))
    warm_up_steps: int = 100
    weight_decay: float = 1e-6
    gradient_norm: float = 1.0
    averaging: float = field(default=0.997, validator=[validators.ge(0.0), validators.lt(1.0)])
    guidance: float = 5.0
    guidance_width: float = 0.3
    natural_share: float = 0.5


@frozen
class Config:
    """A whole configuration."""

    model: Sizes
    training: Training


_CONVERTER = Converter(forbid_extra_keys=True)


def read_config(name: str) -> Config:
    """The configuration of a name, or of a TOML file.

    Raises:
        InputError: there is none, or it is wrong; says what.
    """
    path = CONFIGS / f"{name}.toml"
    if not path.is_file():
        path = Path(name)
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        known = ", ".join(sorted(file.stem for file in CONFIGS.glob("*.toml")))
        raise InputError(
            f"{name}: no such configuration ({error.strerror}); there are {known}; or give a TOML file"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not TOML: {error}") from error
    return structure_config(content, str(path))


def structure_config(content: Any, source: str) -> Config:
    """A configuration from its tables.

    Raises:
        InputError: a key is missing, unknown or wrong.
    """
    try:
        return _CONVERTER.structure(content, Config)
    except BaseValidationError as error:
        raise InputError("\n".join(f"{source}: {problem}" for problem in transform_error(error))) from error
