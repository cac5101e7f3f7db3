"""The process in which pyttsx3 speaks: reads jobs from standard input and answers on standard output, in JSON lines.

A job is ``{"text", "voice", "settings": {"pitch", "rate", "volume"}, "file"}``; its answer is ``{"settings"}``, as the
library says that it has spoken with them, or ``{"error"}``.

Why pyttsx3 loses settings otherwise: its loop, when it starts, cancels whatever the library is busy with, and the
library applies settings on a thread of its own; those still waiting there are thrown away. So every setting is waited
for before the loop starts, and read back from the library, because ``getProperty`` tells the defaults.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_SONAME = "libespeak-ng.so.1"
_PARAMETERS = {"rate": 1, "volume": 2, "pitch": 3}  # espeak_PARAMETER
_PERCENT = 100  # the library's volume is in percent, pyttsx3's a share


def load_library() -> ctypes.CDLL:
    """The library that pyttsx3 will find: the system's, else the one in the package espeakng-loader."""
    try:
        return ctypes.CDLL(_SONAME)
    except OSError:
        import espeakng_loader

        os.environ["ESPEAK_DATA_PATH"] = espeakng_loader.get_data_path()
        return ctypes.CDLL(str(Path(espeakng_loader.get_library_path()).with_name(_SONAME)), mode=ctypes.RTLD_GLOBAL)


class Speaker:
    """pyttsx3 and, beside it, the library itself."""

    def __init__(self) -> None:
        self._library = load_library()
        self._is_seedable = hasattr(self._library, "espeak_ng_SetRandSeed")  # since 1.52
        import pyttsx3

        self._engine = pyttsx3.init("espeak")
        self._engine.runAndWait()  # from now on it passes settings on at once and does not queue them

    @property
    def version(self) -> str:
        self._library.espeak_Info.restype = ctypes.c_char_p
        return f"eSpeak NG {self._library.espeak_Info(None).decode().split()[0]}"

    def speak(self, text: str, voice: str, settings: Mapping[str, float], file: str) -> dict[str, float]:
        """Write the speech to a file; returns the settings that the library has spoken with.

        Raises:
            ValueError: there is no such voice; pyttsx3 would go on with another.
        """
        self._engine.setProperty("voice", voice)
        self._library.espeak_Synchronize()
        chosen = str(self._engine.getProperty("voice"))  # such as gmw/en-us
        if not f"/{chosen}".endswith(f"/{voice.lower()}"):
            raise ValueError(f'there is no voice "{voice}"; "{chosen}" would speak')
        for name, value in settings.items():
            self._engine.setProperty(name, value)
        self._library.espeak_Synchronize()
        if self._is_seedable:  # the breath of some voices is random
            self._library.espeak_ng_SetRandSeed(ctypes.c_long(1))
        self._engine.save_to_file(text, file)
        self._engine.runAndWait()
        self._library.espeak_Synchronize()
        return self._settings()

    def _settings(self) -> dict[str, float]:
        values = {name: self._library.espeak_GetParameter(number, 1) for name, number in _PARAMETERS.items()}
        return values | {"volume": values["volume"] / _PERCENT}


def main() -> None:
    """Answer jobs until the input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    with contextlib.redirect_stdout(sys.stderr):  # pyttsx3 prints
        speaker = Speaker()
        _answer(answers, {"version": speaker.version})
        for line in sys.stdin:
            try:
                _answer(answers, {"settings": speaker.speak(**json.loads(line))})
            except Exception as error:  # whatever pyttsx3 raises is the job's answer
                _answer(answers, {"error": f"{type(error).__name__}: {error}"})


def _answer(answers: Any, answer: Mapping[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
