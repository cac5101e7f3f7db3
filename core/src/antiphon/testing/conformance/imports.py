"""What a module brings into a fresh interpreter."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from collections.abc import Iterable

from antiphon.discovery import BUILTIN, Registered
from antiphon.entry_points import entry_points
from antiphon.hookspecs import GROUP

HEAVY = (
    "jax",
    "librosa",
    "matplotlib",
    "numpy",
    "onnxruntime",
    "pandas",
    "parselmouth",
    "pocketsphinx",
    "pyaudio",
    "pyttsx3",
    "scipy",
    "sklearn",
    "sounddevice",
    "soundfile",
    "soxr",
    "speech_recognition",
    "tensorflow",
    "torch",
    "transformers",
)
"""Modules that take long to import, or whose import opens a library."""

_PROGRAM = """
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps(sorted(sys.modules)))
"""


@functools.cache
def imported_by(*modules: str) -> frozenset[str]:
    """Every module that a fresh interpreter holds after importing these."""
    process = subprocess.run([sys.executable, "-c", _PROGRAM, *modules], capture_output=True, text=True, check=False)
    if process.returncode:
        raise ImportError(f"{' and '.join(modules)} cannot be imported by themselves:\n{process.stderr}")
    return frozenset(json.loads(process.stdout))


def plugin_modules(registered: Registered) -> Iterable[str]:
    """The modules that the entry points of a distribution name."""
    if registered.distribution == BUILTIN:
        return ["antiphon.builtin.plugin"]
    return [e.value.partition(":")[0] for e in entry_points(GROUP) if e.distribution == registered.distribution]
