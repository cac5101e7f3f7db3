"""Packages that only some commands need."""

from __future__ import annotations

import importlib.util

from antiphon.errors import InputError

TRAINING = ("antiphon_corpus", "lightning", "torch")


def require_training(what: str) -> None:
    """As `require`, of the packages for training."""
    require(what, *TRAINING)


def require(what: str, *packages: str) -> None:
    """Refuse, with the remedy, where packages of the extra ``train`` are not installed.

    Raises:
        InputError: one of them is missing.
    """
    absent = [name for name in packages if importlib.util.find_spec(name) is None]
    if absent:
        raise InputError(
            f"{what} needs {', '.join(absent)}, not installed; pip install 'antiphon-entrain-neural[train]'"
        )
