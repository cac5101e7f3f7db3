"""The configuration of a model and its training: a TOML file, or the name of one that comes with the package."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any, Literal

from antiphon.discovery import Plugins
from antiphon.errors import InputError
from antiphon.options import Selection, option
from antiphon.profile.choose import Chooser
from antiphon.profile.problems import suggest
from antiphon.profile.source import read
from antiphon.profile.structure import read_keys
from antiphon.profile.values import Wrong
from attrs import frozen, validators

_positive = validators.gt(0)
_units = validators.and_(_positive, validators.le(65_536))
_layers = validators.and_(_positive, validators.le(32))
_share = validators.and_(validators.ge(0), validators.le(1))

WordUse = Literal["none", "averaged", "attention"]
Whose = Literal["us", "both"]


@frozen
class DataConfig:
    """What is made of the corpus."""

    features: tuple[str, ...] = option((), help="Which features, in this order; all of the corpus if empty.")
    us: Literal["each-speaker", "second-speaker"] = option(
        "each-speaker", help="Whose turns are predicted: each speaker's in turn, or only of who answers first."
    )
    us_scale: Literal["fixed", "causal", "conversation"] = option(
        "fixed",
        help="Our z-scores: of our other conversations or turns, of earlier turns, or of the whole conversation.",
    )
    partner_scale: Literal["causal", "conversation"] = option(
        "causal", help="The partner's z-scores: of earlier turns as in a dialogue, or of the whole conversation."
    )
    memory_turns: float | None = option(
        None, unit="turns", validator=validators.optional(validators.gt(1)), help="Memory of the causal scale."
    )
    split: Literal["speakers", "conversations"] = option(
        "speakers", help="Whether nobody may be heard in two parts, or only no conversation be in two."
    )
    shares: tuple[float, float, float] = option((0.8, 0.1, 0.1), help="Shares of training, validation and test.")
    seed: int = option(0, validator=validators.ge(0), help="Of the split.")


@frozen
class TextConfig:
    """What the model reads."""

    history: WordUse = option("none", help="How the words of the turns so far are read.")
    next: WordUse = option(
        "averaged", help="How the words of the turn that is predicted are read, which is about to be spoken."
    )
    length: bool = option(True, help="Whether the number of words is told beside the words.")
    embedding: Literal["learned"] | Selection = option(
        "learned", stage="embedding", help='Word vectors: "learned" with the model, or {use = ..., options = ...}.'
    )
    dims: int = option(16, validator=_units, help="Numbers of a learned word vector.")
    size: int = option(16, validator=_units, help="Numbers that a turn's words become.")
    vocabulary: int = option(5000, validator=_positive, help="How many words are learned at most.")
    min_count: int = option(2, validator=_positive, help="Words that occur less often in training are not learned.")

    @property
    def reads(self) -> bool:
        """Whether words are read at all."""
        return {self.history, self.next} != {"none"}


@frozen
class ModelConfig:
    """The layers of the model."""

    partner: bool = option(True, help="Whether the model hears the partner's prosody.")
    cell: Literal["gru", "lstm"] = option("gru", help="The recurrent cells.")
    prenet: int = option(32, validator=_units, help="Units of the layer before the encoder.")
    encoder: int = option(32, validator=_units, help="Units of the encoder of turns.")
    encoder_layers: int = option(1, validator=_layers, help="How many layers the encoder has.")
    attention: Literal["none", "single", "dual"] = option(
        "single", help="Over the turns so far: none, over all, or over the partner's and our own apart."
    )
    attention_size: int = option(32, validator=_units, help="Units of the attention's energies.")
    history_turns: int = option(64, validator=_units, unit="turns", help="How far back the attention reaches.")
    decoder: Literal["one", "per-feature"] = option("one", help="One decoder for all features, or one for each.")
    decoder_units: int = option(32, validator=_units, help="Units of a decoder.")
    decoder_layers: int = option(1, validator=_layers, help="How many layers a decoder has.")
    head: int = option(
        32,
        validator=validators.and_(validators.ge(0), validators.le(65_536)),
        help="Units of the layer before the output; 0 for none.",
    )
    linear: bool = option(True, help="Whether latest turns and text length also reach the output linearly.")
    dropout: float = option(0.1, validator=validators.and_(validators.ge(0), validators.lt(1)), help="Of all layers.")


@frozen
class TeacherForcing:
    """p, the probability with which the model is told what we really did rather than what it predicted, by epoch."""

    schedule: Literal["constant", "linear", "exponential", "inverse-sigmoid"] = option(
        "constant", help="How p falls from start to end."
    )
    start: float = option(0.0, validator=_share, help="p in the first epoch.")
    end: float = option(0.0, validator=_share, help="p at the end; without meaning for a constant one.")
    after: int = option(0, validator=validators.ge(0), unit="epochs", help="When p begins to fall.")
    epochs: int = option(10, validator=_positive, unit="epochs", help="How long it falls.")


@frozen
class TrainingConfig:
    """How it is trained."""

    predict: Whose = option("us", help="Before whose turns the decoder runs.")
    loss_of: Whose = option("us", help="Whose turns count in the training loss.")
    evaluation_predict: Whose = option("us", help="Before whose turns the decoder runs in validation.")
    evaluation_loss_of: Whose = option("us", help="Whose turns count in the validation loss.")
    feed_back: Whose = option("us", help="Whose turns may be replaced by what was predicted.")
    teacher_forcing: TeacherForcing = option(factory=TeacherForcing, help="How often they are not.")
    loss: Literal["mse", "smooth-l1"] = option("smooth-l1", help="What is minimised; validation is by smooth L1.")
    optimizer: Literal["adam", "adamw"] = option("adamw", help="The optimiser.")
    learning_rate: float = option(3e-3, validator=_positive, help="At its highest.")
    schedule: Literal["constant", "cosine", "plateau"] = option("cosine", help="Of the learning rate.")
    warmup: int = option(0, validator=validators.ge(0), unit="steps", help="Steps until the rate is at its highest.")
    weight_decay: float = option(0.01, validator=validators.ge(0), help="Of the optimiser.")
    clip: float | None = option(1.0, validator=validators.optional(_positive), help="Largest norm of a gradient.")
    averaging: float = option(
        0.0,
        validator=validators.and_(validators.ge(0), validators.lt(1)),
        help="Decay of the running mean of weights, which is then the model; 0 for none.",
    )
    batch: int = option(32, validator=_positive, unit="conversations", help="Size of a batch.")
    epochs: int = option(50, validator=_positive, unit="epochs", help="At most.")
    patience: int | None = option(
        10, validator=validators.optional(_positive), unit="epochs", help="Stop after so many without improvement."
    )
    precision: Literal["32", "16-mixed", "bf16-mixed"] = option("32", help="Of the arithmetic.")
    seed: int = option(0, validator=validators.ge(0), help="All randomness of the training comes from it.")


@frozen
class Config:
    """A model and its training."""

    data: DataConfig = option(factory=DataConfig, help="What is made of the corpus.")
    text: TextConfig = option(factory=TextConfig, help="What the model reads.")
    model: ModelConfig = option(factory=ModelConfig, help="Its layers.")
    training: TrainingConfig = option(factory=TrainingConfig, help="How it is trained.")


def named_configs() -> dict[str, Path]:
    """The configurations that come with the package, by name."""
    folder = Path(str(resources.files(__package__))) / "configs"
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def load_config(name: str, overrides: tuple[str, ...] = (), plugins: Plugins | None = None) -> Config:
    """A configuration from a TOML file, or by its name.

    Args:
        name: of a configuration of the package, or the path of a file.
        overrides: ``table.key=value`` each.
        plugins: those that embeddings are chosen from; all installed ones unless given.

    Raises:
        InputError: there is none of this name.
        ProfileError: it is wrong; lists every problem as ``file:line: table.key: what is wrong``.
    """
    named = named_configs()
    path = named.get(name, Path(name))
    if not path.is_file():
        raise InputError(f'there is no configuration "{name}", and no file; {suggest(name, named)}')
    document, problems = read(path, overrides)
    chooser = Chooser(plugins or Plugins(), path.parent.absolute())
    values, bad = read_keys(chooser.converter, document.table, Config, chooser.folder)
    for key, message in bad:
        problems.add(key, message)
    problems.raise_if_any()
    return Config(**values)


def config_tables(config: Config, plugins: Plugins | None = None) -> dict[str, Any]:
    """A configuration as TOML or JSON holds it, with every default."""
    tables = Chooser(plugins or Plugins(), Path()).plain(config)
    assert isinstance(tables, dict)
    return tables


def config_from_tables(tables: Any, plugins: Plugins | None = None) -> Config:
    """The inverse of `config_tables`.

    Raises:
        ValueError: it is no configuration of this version.
    """
    try:
        config = Chooser(plugins or Plugins(), Path()).converter.structure(tables, Config)
    except Wrong as wrong:
        raise ValueError("; ".join(f"{'.'.join(map(str, key))}: {text}" for key, text in wrong.problems)) from None
    assert isinstance(config, Config)
    return config
