"""libespeak-ng by ctypes: one private copy of the library for each utterance.

The library keeps its state in global variables, and not all of it can be reset: the phase of the pitch flutter and of
the wave generator go on from one utterance to the next, so the same text never sounds exactly the same twice. A copy
under a file name of its own is loaded with global variables of its own. It makes an utterance depend on nothing but its
text and settings, and lets several voices speak in one process at the same time.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Executor
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
from antiphon.errors import ModelError, PluginBroken, StageError
from attrs import frozen
from numpy.typing import NDArray

Pcm = NDArray[np.int16]

_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: espeak_Synth returns when the last sample has been handed over
_DONT_EXIT = 0x8000  # espeakINITIALIZE_DONT_EXIT: report missing data, do not end the process
_UTF8 = 1  # espeakCHARS_UTF8, without espeakSSML and espeakPHONEMES: all text is plain text
_PARAMETERS = {"rate": 1, "pitch": 3, "range": 4}  # espeak_PARAMETER
_MODE = os.RTLD_NOW | os.RTLD_LOCAL | getattr(os, "RTLD_DEEPBIND", 0)  # a copy binds to its own symbols


@frozen
class Installation:
    """A library file and its data folder; None: the one it was built with."""

    library: Path
    data: Path | None = None


def find_installation() -> Installation:
    """The system's eSpeak NG, else the one in the package espeakng-loader.

    Raises:
        PluginBroken: there is neither; says what to install.
    """
    name = ctypes.util.find_library("espeak-ng")
    if name:
        return Installation(_file_of(ctypes.CDLL(name).espeak_Initialize))
    try:
        import espeakng_loader

        return Installation(Path(espeakng_loader.get_library_path()), Path(espeakng_loader.get_data_path()))
    except (ImportError, RuntimeError) as error:
        raise PluginBroken(f"eSpeak NG is not there ({error}); pip install espeakng-loader") from error


class _SymbolInfo(ctypes.Structure):
    """Dl_info of dladdr(3)."""

    _fields_ = (
        ("file", ctypes.c_char_p),
        ("base", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("address", ctypes.c_void_p),
    )


def _file_of(function: Any) -> Path:
    """The library file that a function was loaded from."""
    info = _SymbolInfo()
    ctypes.CDLL(None).dladdr(ctypes.cast(function, ctypes.c_void_p), ctypes.byref(info))
    return Path(os.fsdecode(info.file)).resolve()


class _VoiceInfo(ctypes.Structure):
    """The first fields of espeak_VOICE."""

    _fields_ = (("name", ctypes.c_char_p), ("languages", ctypes.c_char_p), ("identifier", ctypes.c_char_p))


class Library:
    """A copy of the library that is ready to speak one utterance with one voice.

    Raises:
        PluginBroken: it cannot be loaded.
        ModelError: it has no such voice.
    """

    def __init__(self, installation: Installation, voice: str, chunk_ms: int) -> None:
        self._copy = tempfile.NamedTemporaryFile(prefix="antiphon-", suffix=installation.library.suffix)  # noqa: SIM115
        try:
            shutil.copyfile(installation.library, self._copy.name)
            self._library = ctypes.CDLL(self._copy.name, mode=_MODE)
        except OSError as error:
            self._copy.close()
            raise PluginBroken(f"eSpeak NG cannot be loaded: {error}") from error
        data = os.fsencode(installation.data) if installation.data else None
        self.sample_rate: int = self._library.espeak_Initialize(_SYNCHRONOUS, chunk_ms, data, _DONT_EXIT)
        if self.sample_rate <= 0:
            self.close()
            raise PluginBroken(f"eSpeak NG finds no data in {installation.data or 'its own folder'}")
        if hasattr(self._library, "espeak_ng_SetRandSeed"):  # since 1.52; the breath of some voices is random
            self._library.espeak_ng_SetRandSeed(ctypes.c_long(1))
        if not self._choose(voice):
            self.close()
            raise ModelError(
                f'eSpeak NG has no voice "{voice}"; it has such as en-us, en, de, en-us+f3: '
                "a language's name and, behind a +, a variant's"
            )

    def _choose(self, voice: str) -> bool:
        """Whether the voice is there; the library itself is silent about a variant that is not."""
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            return False
        self._library.espeak_GetCurrentVoice.restype = ctypes.POINTER(_VoiceInfo)
        chosen = self._library.espeak_GetCurrentVoice().contents.identifier or b""
        _, plus, variant = voice.partition("+")
        return not plus or chosen.decode().endswith(f"+{variant}")

    @property
    def version(self) -> str:
        self._library.espeak_Info.restype = ctypes.c_char_p
        return f"eSpeak NG {self._library.espeak_Info(None).decode().split()[0]}"

    def speak(self, text: str, settings: Mapping[str, float], threads: Executor) -> Generator[Pcm]:
        """The utterance, chunk by chunk, made on a thread as fast as the library can; closing the iterator ends it."""
        for name, parameter in _PARAMETERS.items():
            self._library.espeak_SetParameter(parameter, round(settings[name]), 0)
        pieces: SimpleQueue[Pcm | int] = SimpleQueue()
        cancelled = threading.Event()

        def receive(samples: Any, count: int, _events: int) -> int:
            if samples and count > 0:
                pieces.put(np.ctypeslib.as_array(samples, (count,)).copy())
            return int(cancelled.is_set())

        encoded = text.encode()
        callback = _CALLBACK(receive)  # held by this name while the library may call it
        self._library.espeak_SetSynthCallback(callback)
        done = threads.submit(lambda: pieces.put(self._synthesize(encoded)))
        try:
            while not isinstance(piece := pieces.get(), int):
                yield piece
            if piece != 0:
                raise StageError("synthesizer", f"eSpeak NG failed with status {piece}")
        finally:
            cancelled.set()
            done.result()

    def _synthesize(self, encoded: bytes) -> int:
        status: int = self._library.espeak_Synth(encoded, len(encoded) + 1, 0, 1, 0, _UTF8, None, None)
        return status

    def close(self) -> None:
        """Give its memory back."""
        self._library.espeak_Terminate()
        unload: Callable[[ctypes.c_void_p], int] = ctypes.CDLL(None).dlclose
        unload(ctypes.c_void_p(self._library._handle))
        self._copy.close()
