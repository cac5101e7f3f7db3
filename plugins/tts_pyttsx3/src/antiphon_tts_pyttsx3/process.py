"""A process in which pyttsx3 speaks."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from antiphon.errors import PluginBroken, StageError


class JobFailed(StageError):
    """The process refused a job, ended, or took too long."""

    def __init__(self, reason: str) -> None:
        super().__init__("synthesizer", f"pyttsx3: {reason}")


class SpeechProcess:
    """Starts at once and loads in the background; jobs wait until it is ready."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "antiphon_tts_pyttsx3.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._version: str | None = None

    @property
    def id(self) -> int:
        """Its number in the operating system."""
        return self._process.pid

    def version(self, timeout_s: float) -> str:
        """The library that speaks; waits until the process is ready.

        Raises:
            PluginBroken: pyttsx3 or its library cannot be loaded.
        """
        try:
            return self._ready(timeout_s)
        except JobFailed as error:
            raise PluginBroken(
                f"{error}; pyttsx3 does not start: `{sys.executable} -m antiphon_tts_pyttsx3.worker` tells why"
            ) from error

    def speak(
        self, text: str, voice: str, settings: Mapping[str, float], file: Path, timeout_s: float
    ) -> dict[str, float]:
        """Write the speech to a file; returns the settings that the library has spoken with.

        Raises:
            JobFailed: the process refused, ended, or took longer than `timeout_s`.
        """
        self._ready(timeout_s)
        job = {"text": text, "voice": voice, "settings": dict(settings), "file": str(file)}
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(job) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise JobFailed(f"the process has ended ({error})") from error
        return dict(self._answer(timeout_s)["settings"])

    def close(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        self._process.stdout.close()

    def _ready(self, timeout_s: float) -> str:
        if self._version is None:
            self._version = str(self._answer(timeout_s)["version"])
        return self._version

    def _answer(self, timeout_s: float) -> dict[str, Any]:
        try:
            line = self._answers.get(timeout=timeout_s)
        except queue.Empty:
            raise JobFailed(f"no answer within {timeout_s:g} s") from None
        if not line:
            self._answers.put("")  # whoever asks next is told the same
            raise JobFailed("the process ended")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise JobFailed(str(answer["error"]))
        return answer

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put("")
