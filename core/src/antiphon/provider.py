"""What a plugin registers: a light description of an implementation, and where to find it when it is chosen."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterable
from typing import Any

from attrs import field, frozen

from antiphon.errors import PluginBroken
from antiphon.features import FeatureSpec

API_VERSION = 1
"""Raised when the plugin API changes incompatibly; a provider written for another version is refused."""

STAGES = (
    "audio_in",
    "endpoint",
    "recognizer",
    "features",
    "normalizer",
    "responder",
    "strategy",
    "transform",
    "synthesizer",
    "vocoder",
    "audio_out",
)
"""All stages, in the order of the pipeline."""

PARTS = ("embedding",)
"""What stands in no pipeline: it is chosen inside the options of what does (`antiphon.options.Selection`)."""

KINDS = STAGES + PARTS
"""All that plugins implement."""

_IMPORTING = threading.RLock()
"""Components are opened side by side, on threads; not every module can be imported beside another."""

CAPABILITIES = {
    "process": "holds the GIL or cannot share a process: runs in a worker process of its own",
    "instant": "every call takes microseconds and waits for nothing: runs on the engine's own thread",
    "streaming": "implements the stage's Streaming protocol",
    "live": "audio_in: keeps running while the agent speaks",
    "text": "no audio: audio_in delivers typed turns, a synthesizer is not heard",
    "words": "features: reads the words of an utterance, so it waits for the recogniser",
    "pauses": "recognizer: streaming, and told of the user's pauses, in which it can work on the words so far",
    "device": "audio_out: plays in real time and knows what was heard",
    "mel": "synthesizer: delivers mel spectrograms, needs a vocoder",
}


def _specs(specs: Iterable[FeatureSpec]) -> tuple[FeatureSpec, ...]:
    return tuple(specs)


def _words(words: Iterable[str]) -> frozenset[str]:
    return frozenset(words)


@frozen
class Provider:
    """One implementation of a stage or of a part.

    Args:
        name: how a profile names it.
        summary: one line for ``antiphon plugins``.
        factory: ``"package.module:Class"``, called as ``Class(options, setup)`` when a profile chooses it.
        options: ``"package.module:Class"``, an attrs class made of `antiphon.options.option` fields.
        reads: features it needs. Options that decide this have a method ``reads()``.
        writes: features it measures. Options that decide this have a method ``writes()``.
        capabilities: words of `CAPABILITIES`.
        api: the plugin-API version it was written for.
    """

    name: str
    summary: str
    factory: str
    options: str = "antiphon.options:NoOptions"
    reads: tuple[FeatureSpec, ...] = field(default=(), converter=_specs)
    writes: tuple[FeatureSpec, ...] = field(default=(), converter=_specs)
    capabilities: frozenset[str] = field(default=frozenset(), converter=_words)
    api: int = API_VERSION

    def __attrs_post_init__(self) -> None:
        unknown = sorted(self.capabilities - CAPABILITIES.keys())
        if unknown:
            raise PluginBroken(f"{self.name}: unknown capabilities {unknown}; known are {sorted(CAPABILITIES)}")
        if {"process", "instant"} <= self.capabilities:
            raise PluginBroken(f"{self.name}: it cannot be instant in a process of its own; keep one of the two")

    def options_class(self) -> type[Any]:
        """Import the options class (light by contract)."""
        return load(self.options, self.name)  # type: ignore[no-any-return]

    def open(self, options: Any, setup: Any) -> Any:
        """Import the implementation and open it; this is where heavy imports happen."""
        return load(self.factory, self.name)(options, setup)

    def reads_with(self, options: Any) -> tuple[FeatureSpec, ...]:
        """The features it needs when it has these options."""
        return _declared(options, "reads", self.reads)

    def writes_with(self, options: Any) -> tuple[FeatureSpec, ...]:
        """The features it measures when it has these options."""
        return _declared(options, "writes", self.writes)


def _declared(options: Any, method: str, default: Iterable[FeatureSpec]) -> tuple[FeatureSpec, ...]:
    declare = getattr(options, method, None)
    return tuple(declare() if declare else default)


def load(reference: str, needed_by: str) -> Any:
    """The object that ``"package.module:Name"`` or ``"path/to/file.py:Name"`` refers to.

    Raises:
        PluginBroken: naming who needs it and why it cannot be loaded.
    """
    module_name, _, attribute = reference.rpartition(":")
    try:
        with _IMPORTING:
            module = _load_file(module_name) if module_name.endswith(".py") else importlib.import_module(module_name)
        return getattr(module, attribute)
    except PluginBroken:
        raise
    except (Exception, SystemExit) as error:  # whatever a plugin's import raises is the plugin's fault, and is told so
        raise PluginBroken(f"{needed_by}: cannot load {reference}: {type(error).__name__}: {error}") from error


def _load_file(file: str) -> Any:
    """A module from a file, the same object at every call, so that its classes pickle by reference."""
    import importlib.util  # neither is needed to list plugins
    from pathlib import Path

    path = Path(file)
    name = "antiphon_file_" + path.resolve().as_posix().encode().hex()
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise PluginBroken(f"{path} is not a Python file")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]
