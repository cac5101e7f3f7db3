"""Trains a model on a prepared corpus and writes its checkpoint."""

from __future__ import annotations

import importlib.util
import json
import logging
import math
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lightning as L
import torch
from antiphon.errors import InputError
from attrs import frozen
from lightning.pytorch.callbacks import Callback, EarlyStopping, EMAWeightAveraging, ModelCheckpoint
from torch.utils.data import DataLoader

from antiphon_entrain_neural.checkpoint import CARD, Card, Checkpoint, save_checkpoint
from antiphon_entrain_neural.config import Config, config_tables
from antiphon_entrain_neural.model.predictor import VECTORS
from antiphon_entrain_neural.training.batches import Conversations, LikeTogether
from antiphon_entrain_neural.training.callbacks import EpochTable, StopOnInterrupt, read_epochs
from antiphon_entrain_neural.training.module import VALIDATION_LOSS, EntrainmentModule
from antiphon_entrain_neural.training.prepare import Prepared
from antiphon_entrain_neural.training.texts import Texts

STATE = "training"
"""Folder, in that of the checkpoint, of what is needed to go on: the run, its epochs, the last and the best state."""

EPOCHS = "epochs.csv"


@frozen
class Hardware:
    """What a training runs on, in Lightning's words."""

    accelerator: str = "auto"
    devices: int = 1


def fit(
    prepared: Prepared,
    config: Config,
    folder: Path,
    *,
    name: str,
    hardware: Hardware | None = None,
    restart: bool = False,
    echo: Callable[[str], None] = lambda _: None,
) -> Checkpoint:
    """Train, or go on with a training that was stopped or killed, and write the checkpoint of the best epoch.

    The result depends on corpus, configuration and kind of hardware alone, not on interruptions.

    Args:
        prepared: the corpus.
        config: the model and its training.
        folder: of the checkpoint.
        name: of the model, for people.
        hardware: what to run on; one device, whichever there is, unless given.
        restart: forget what was trained in this folder before.
        echo: is told how it goes.

    Raises:
        InputError: another training is in the folder.
    """
    state = folder / STATE
    hardware = hardware or Hardware()
    _claim(state, prepared, config, restart=restart)
    L.seed_everything(config.training.seed, verbose=False)
    rows = None if prepared.vocabulary is None else len(prepared.vocabulary)
    features = tuple(spec.name for spec in prepared.features)
    module = EntrainmentModule(config, features, rows, prepared.dims)
    echo(f"{sum(p.numel() for p in module.parameters() if p.requires_grad):,} parameters")
    best = ModelCheckpoint(
        dirpath=state,
        filename="best",
        monitor=VALIDATION_LOSS,
        save_last=True,
        enable_version_counter=False,
        save_on_train_epoch_end=True,  # when the epoch is over for Lightning too, so that the next one is next
    )
    stopped = StopOnInterrupt(echo)
    callbacks: list[Callback] = [EpochTable(state / EPOCHS, echo), stopped, *_policies(config), best]
    last = state / "last.ckpt"
    with _quiet():
        trainer = L.Trainer(
            accelerator=hardware.accelerator,
            devices=hardware.devices,
            precision=config.training.precision,
            max_epochs=config.training.epochs,
            gradient_clip_val=config.training.clip,
            callbacks=callbacks,
            logger=_tensorboard(state),
            default_root_dir=state,
            use_distributed_sampler=False,
            num_sanity_val_steps=0,
            enable_model_summary=False,
            enable_progress_bar=sys.stderr.isatty(),
        )
        epoch = _next_epoch(last)
        if epoch:
            echo(f"going on with epoch {epoch}")
        loaders = _loaders(prepared, config, trainer, epoch)
        trainer.fit(module, *loaders, ckpt_path=last if epoch else None, weights_only=True)
    return _save(prepared, config, folder, name, module)


def _claim(state: Path, prepared: Prepared, config: Config, *, restart: bool) -> None:
    """Make the folder this training's."""
    run = {"config": config_tables(config), "corpus": prepared.data.sha256}
    text = json.dumps(run, indent=1, sort_keys=True)
    path = state / "run.json"
    if restart and state.exists():
        shutil.rmtree(state)
    if path.exists() and path.read_text("utf-8") != text:
        raise InputError(
            f"{state.parent}: another training is there (another corpus or configuration); choose another folder, or "
            "--restart to train anew"
        )
    if not path.exists() and (state.parent / CARD).exists() and not restart:
        raise InputError(f"{state.parent}: a checkpoint is there; choose another folder, or --restart to overwrite it")
    state.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _policies(config: Config) -> Iterator[Callback]:
    if config.training.patience is not None:
        yield EarlyStopping(VALIDATION_LOSS, patience=config.training.patience, check_finite=True)
    if config.training.averaging:
        yield EMAWeightAveraging(decay=config.training.averaging)


def _next_epoch(last: Path) -> int:
    return int(torch.load(last, map_location="cpu", weights_only=True)["epoch"]) + 1 if last.exists() else 0


def _loaders(
    prepared: Prepared, config: Config, trainer: L.Trainer, epoch: int
) -> tuple[DataLoader[Any], DataLoader[Any]]:
    both = [*prepared.train, *prepared.validation]
    texts = Texts(
        (text for conversation in both for text in conversation.texts),
        prepared.embedding or prepared.vocabulary,
        whole="attention" in (config.text.history, config.text.next),
    )

    def loader(conversations: Any, seed: int | None) -> DataLoader[Any]:
        data = Conversations(conversations, texts)
        batches = LikeTogether(
            conversations,
            config.training.batch,
            seed=seed,
            epoch=epoch,
            rank=trainer.global_rank,
            processes=trainer.world_size,
        )
        return DataLoader(data, batch_sampler=batches, collate_fn=data.collate)

    return loader(prepared.train, config.training.seed), loader(prepared.validation, None)


def _tensorboard(state: Path) -> Any:
    """A TensorBoard log, where that is installed."""
    if not any(importlib.util.find_spec(name) for name in ("tensorboard", "tensorboardX")):
        return False
    from lightning.pytorch.loggers import TensorBoardLogger

    return TensorBoardLogger(state, name="tensorboard", version="")


def _save(prepared: Prepared, config: Config, folder: Path, name: str, module: EntrainmentModule) -> Checkpoint:
    """The checkpoint of the best epoch."""
    best = torch.load(folder / STATE / "best.ckpt", map_location="cpu", weights_only=True)
    module.load_state_dict(best["state_dict"])
    epoch = next(row for row in read_epochs(folder / STATE / EPOCHS) if row["epoch"] == best["epoch"])
    validation = {key: value for key, value in epoch.items() if key.startswith(VALIDATION_LOSS)}
    if not math.isfinite(validation[VALIDATION_LOSS]):
        raise InputError("the training diverged; lower training.learning_rate in the configuration")
    metrics = {"best_epoch": int(epoch["epoch"]), "training_loss": epoch["training_loss"], **validation}
    card = Card(name, prepared.features, prepared.dims, config, prepared.data, metrics)
    weights = {key: value.contiguous().numpy() for key, value in module.model.state_dict().items()}
    if module.reader.vectors is not None:
        weights[VECTORS] = module.reader.vectors.detach().numpy()
    return save_checkpoint(folder, card, prepared.prior, prepared.vocabulary, weights)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without Lightning's remarks on hardware and data loaders."""
    logger = logging.getLogger("lightning.pytorch")
    level = logger.level
    logger.setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="lightning")
        yield
    logger.setLevel(level)
