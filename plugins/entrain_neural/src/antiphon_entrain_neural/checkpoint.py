"""A trained model in a folder: a card and other JSON to read, weights as safetensors, nothing that is unpickled.

::

    card.json            what it is: features, configuration, training data and licence, metrics, version
    prior.json           the normaliser's prior, of the training split
    vocabulary.json      words whose vectors were learned with the model, if they were
    model.safetensors    the weights

``card.json`` names every other file with its SHA-256. Reading needs no PyTorch.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata, resources
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from antiphon.discovery import Plugins
from antiphon.errors import AntiphonError, ModelError
from antiphon.features import FeatureSpec
from antiphon.normalization import Prior
from attrs import asdict, field, fields, frozen

from antiphon_entrain_neural.config import Config, config_from_tables, config_tables
from antiphon_entrain_neural.words import Vocabulary

SCHEMA = 1
CARD, PRIOR, VOCABULARY, WEIGHTS = "card.json", "prior.json", "vocabulary.json", "model.safetensors"
WRONG = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What Python raises of tables that are not as they should be."""

LARGEST, LARGEST_JSON = 2 << 30, 64 << 20
"""Bytes of a file; what is larger is refused before it fills the memory."""

BUILTIN = "builtin:"
"""Prefix of checkpoints that come with the package, as ``builtin:default``."""

DISTRIBUTION = "antiphon-entrain-neural"

T = TypeVar("T")


@frozen
class TrainingData:
    """What a model was trained on.

    Attributes:
        corpus: its name, for people.
        licence: of the corpus.
        sha256: of the turns that were read.
        conversations, turns: how many of them there were in the training split.
        split: who was in which part, as `Split.as_table`.
    """

    corpus: str
    licence: str
    sha256: str
    conversations: int
    turns: int
    split: Mapping[str, Any]


@frozen
class Card:
    """What is known of a model.

    Attributes:
        name: of the model.
        features: what it hears and predicts, in order, raw units.
        dims: of the word vectors it reads; 0 where it reads none.
        config: of the model and its training.
        data: what it was trained on.
        metrics: how well it does, by name, on which part.
        made_with: the version of this distribution.
        files: SHA-256 of every other file of the folder, by name.
    """

    name: str
    features: tuple[FeatureSpec, ...]
    dims: int
    config: Config
    data: TrainingData
    metrics: Mapping[str, Any]
    made_with: str = field(factory=lambda: metadata.version(DISTRIBUTION))
    files: Mapping[str, str] = field(factory=dict)


@frozen
class Checkpoint:
    """A model as it lies in a folder; the weights are read when they are asked for."""

    folder: Path
    card: Card
    prior: Prior
    vocabulary: Vocabulary | None

    @property
    def feature_names(self) -> tuple[str, ...]:
        """In the order of the model's inputs and outputs."""
        return tuple(spec.name for spec in self.card.features)

    def weights(self) -> dict[str, npt.NDArray[np.float32]]:
        """The weights, by name.

        Raises:
            ModelError: they are damaged.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load

        data = self.read(WEIGHTS)
        try:
            return load(data)
        except (SafetensorError, ValueError, KeyError) as error:
            raise ModelError(f"{self.folder / WEIGHTS}: it is damaged: {error}; copy the checkpoint again") from error

    def read(self, name: str) -> bytes:
        """A file of the folder that the card names, as it was when the card was written.

        Raises:
            ModelError: it is missing, or another.
        """
        return _read(self.folder, name, self.card.files.get(name))

    def has(self, name: str) -> bool:
        """Whether the card names this file."""
        return name in self.card.files


def load_checkpoint(path: Path | str, plugins: Plugins | None = None) -> Checkpoint:
    """Read a checkpoint's folder, all but the weights.

    Args:
        path: the folder, or ``builtin:NAME``.
        plugins: those that its embedding is chosen from; all installed ones unless given.

    Raises:
        ModelError: it is no checkpoint, damaged, or of another version; says which file, and what to do.
    """
    folder = checkpoint_folder(path)
    if not folder.is_dir():
        known = ", ".join(f'"{BUILTIN}{p.name}"' for p in _builtin().glob("*") if p.is_dir()) or "none"
        raise ModelError(f"{path}: there is no such folder; name the folder of a checkpoint (built in: {known})")
    card = parse_json(folder / CARD, _read(folder, CARD, None), lambda tables: _card(tables, plugins))
    text = _read(folder, PRIOR, card.files.get(PRIOR)).decode("utf-8", "replace")
    prior = Prior.from_json(text, str(folder / PRIOR))
    lacking = [spec.name for spec in card.features if spec.name not in prior.features]
    if lacking:
        raise ModelError(f"{folder / PRIOR}: it lacks {', '.join(lacking)}, which {CARD} names; copy the folder again")
    try:
        prior.accept({spec.name: spec for spec in card.features})
    except ModelError as error:
        raise ModelError(f"{folder / PRIOR}: it does not fit {CARD}: {error}") from error
    vocabulary = None
    if VOCABULARY in card.files:
        data = _read(folder, VOCABULARY, card.files[VOCABULARY])
        vocabulary = parse_json(folder / VOCABULARY, data, _vocabulary)
    return Checkpoint(folder, card, prior, vocabulary)


def save_checkpoint(
    folder: Path,
    card: Card,
    prior: Prior,
    vocabulary: Vocabulary | None,
    weights: Mapping[str, npt.NDArray[np.float32]],
    more: Mapping[str, bytes] | None = None,
) -> Checkpoint:
    """Write a checkpoint's folder; ``more`` are further files that the card shall name.

    The card is written last and by renaming, so that a folder with a card is whole.
    """
    from safetensors.numpy import save

    files = {PRIOR: prior.to_json().encode(), WEIGHTS: save(dict(weights)), **(more or {})}
    if vocabulary is not None:
        files[VOCABULARY] = _json({"schema": SCHEMA, "words": list(vocabulary.words)})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CARD).unlink(missing_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
    tables = {
        "schema": SCHEMA,
        **{f.name: getattr(card, f.name) for f in fields(Card)},
        "features": [asdict(spec) for spec in card.features],
        "config": config_tables(card.config),
        "data": asdict(card.data),
        "files": digests,
    }
    draft = folder / f"{CARD}.draft"
    draft.write_bytes(_json(tables))
    draft.replace(folder / CARD)
    return load_checkpoint(folder)


def add_files(checkpoint: Checkpoint, more: Mapping[str, bytes]) -> Checkpoint:
    """The checkpoint with further files in its folder, named by its card."""
    kept = {n: checkpoint.read(n) for n in checkpoint.card.files if n not in {PRIOR, WEIGHTS, VOCABULARY}}
    return save_checkpoint(
        checkpoint.folder,
        checkpoint.card,
        checkpoint.prior,
        checkpoint.vocabulary,
        checkpoint.weights(),
        {**kept, **more},
    )


def checkpoint_folder(path: Path | str) -> Path:
    """The folder that is meant by a path or ``builtin:NAME`` (which profiles make absolute)."""
    name = Path(path).name
    return _builtin() / name.removeprefix(BUILTIN) if name.startswith(BUILTIN) else Path(path)


def _builtin() -> Path:
    return Path(str(resources.files(__package__))) / "checkpoints"


def _read(folder: Path, name: str, sha256: str | None) -> bytes:
    if name != CARD and sha256 is None:
        raise ModelError(f"{folder / CARD}: it does not name {name}; copy the checkpoint again or train anew")
    data = read_file(folder / name)
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
        raise ModelError(f"{folder / name}: it is not the file that {CARD} was written for; copy the checkpoint again")
    return data


def read_file(path: Path) -> bytes:
    """A file of a checkpoint, whole.

    Raises:
        ModelError: it is missing, no plain file, or larger than any that is written here.
    """
    largest = LARGEST_JSON if path.suffix == ".json" else LARGEST
    try:
        if path.exists() and not path.is_file():
            raise OSError("it is no plain file")
        if path.stat().st_size > largest:
            raise OSError(f"it is larger than {largest >> 20} MB")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ModelError(f"{path}: it cannot be read: {reason}; copy the checkpoint again") from error


def parse_json(path: Path, data: bytes, make: Callable[[Any], T]) -> T:
    """What a JSON file of a checkpoint holds.

    Raises:
        ModelError: it is damaged, or of another schema.
    """
    try:
        return make(json.loads(data))
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
        AntiphonError,
    ) as error:
        reason = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
        raise ModelError(f"{path}: it is not of a checkpoint of schema {SCHEMA}: {reason}") from error


def _card(tables: Any, plugins: Plugins | None) -> Card:
    if tables["schema"] != SCHEMA:
        raise ValueError(f"it has schema {tables['schema']!r}; train the model again with this version")
    files = tables["files"]
    for name, digest in files.items():
        if Path(name).name != name or not isinstance(digest, str):
            raise ValueError(f"{name!r} is no file of the folder")
    return Card(
        name=str(tables["name"]),
        features=_features(tables["features"]),
        dims=int(tables["dims"]),
        config=config_from_tables(tables["config"], plugins),
        data=TrainingData(**tables["data"]),
        metrics=dict(tables["metrics"]),
        made_with=str(tables["made_with"]),
        files=files,
    )


def _features(tables: Sequence[Mapping[str, Any]]) -> tuple[FeatureSpec, ...]:
    features = tuple(FeatureSpec(**table) for table in tables)
    if not features:
        raise ValueError("it names no features")
    if not all(isinstance(text, str) for spec in features for text in (spec.name, spec.unit, spec.definition)):
        raise ValueError("name, unit and definition of a feature are texts")
    return features


def _vocabulary(tables: Any) -> Vocabulary:
    if tables["schema"] != SCHEMA or not all(isinstance(word, str) for word in tables["words"]):
        raise ValueError("it is no vocabulary")
    return Vocabulary(tuple(tables["words"]))


def _json(tables: Mapping[str, Any]) -> bytes:
    return (json.dumps(tables, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
