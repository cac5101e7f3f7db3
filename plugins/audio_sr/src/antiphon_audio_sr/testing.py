"""A sound card for tests, where there is none: a PulseAudio server of its own, with a microphone and a speaker.

What a test says goes into the microphone sample by sample, and everything that the speaker plays is recorded. Programs
reach the card through the environment alone, so it disturbs nothing else on the machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from ctypes.util import find_library
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from antiphon.payloads import Audio, Samples

SAMPLE_RATE = 48_000
"""Of both devices; audio at this rate passes unchanged, in steps of 16 bits."""

LIFETIME_S = 1800
"""After which a card is unplugged that nobody has closed."""

PACKAGES = "pulseaudio pulseaudio-utils libasound2-plugins libportaudio2"

_PROGRAMS = ("timeout", "pulseaudio", "pactl", "pacat", "parec")
_ALSA_CONFIG = Path("/usr/share/alsa/alsa.conf")
_ALSA_PLUGIN = "*-linux-gnu*/alsa-lib/libasound_module_pcm_pulse.so"
_START_S = 10.0

_Process = subprocess.Popen[bytes]


def why_unavailable() -> str | None:
    """What must be installed before a card can be made; None when everything is there."""
    there = (
        all(shutil.which(program) for program in _PROGRAMS)
        and _ALSA_CONFIG.exists()
        and any(Path("/usr/lib").glob(_ALSA_PLUGIN))
        and find_library("portaudio")
    )
    return None if there else f"needs a virtual sound card: apt-get install {PACKAGES}"


class VirtualSoundCard:
    """A running card; a context manager.

    Args:
        folder: an empty folder for its socket, its configuration and the recording. Its path must be short: sockets
            allow about 100 characters.

    Attributes:
        environment: what a program needs to find this card as its only one.
    """

    def __init__(self, folder: Path) -> None:
        socket = folder / "socket"
        configuration = folder / "asound.conf"
        configuration.write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
        self.environment = {
            "PULSE_SERVER": f"unix:{socket}",
            "PULSE_COOKIE": str(folder / "cookie"),
            "XDG_RUNTIME_DIR": str(folder),
            "ALSA_CONFIG_PATH": f"{_ALSA_CONFIG}:{configuration}",
        }
        self._recording = folder / "speaker.raw"
        self._processes: list[_Process] = []
        try:
            self._serve(socket, folder)
            # An idle sink swallows sound when it wakes, so somebody always plays silence and listens to both.
            for sink in ("speaker", "mouth"):
                with Path("/dev/zero").open("rb") as silence:
                    self._start("pacat", "--playback", f"--device={sink}", *_format(SAMPLE_RATE, 100), source=silence)
            self._record("speaker.monitor", self._recording)
            self._record("microphone", folder / "microphone.raw")
            for file in (self._recording, folder / "microphone.raw"):
                self._wait(lambda file=file: file.stat().st_size > SAMPLE_RATE // 2, f"no sound from {file.stem}")
        except BaseException:
            self.close()
            raise

    def say(self, audio: Audio) -> _Process:
        """Start to play into the microphone; the process ends when all of it was said."""
        player = self._start(
            "pacat", "--playback", "--device=mouth", *_format(audio.sample_rate, 500), source=subprocess.PIPE
        )
        assert player.stdin is not None
        player.stdin.write(_pcm(audio.samples).tobytes())  # a pipe's buffer is small: this paces itself
        player.stdin.close()
        return player

    def heard(self) -> Samples:
        """All that the speaker has played since the card was made, silence included."""
        data = self._recording.read_bytes()
        return (np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2") / 32768).astype(np.float32)

    def close(self) -> None:
        """Unplug the card."""
        for process in reversed(self._processes):
            process.terminate()
            process.wait()

    def __enter__(self) -> VirtualSoundCard:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _serve(self, socket: Path, folder: Path) -> None:
        devices = (
            f"module-native-protocol-unix socket={socket} auth-anonymous=1",
            f"module-null-sink sink_name=speaker rate={SAMPLE_RATE} channels=1",
            f"module-null-sink sink_name=mouth rate={SAMPLE_RATE} channels=1",
            f"module-remap-source source_name=microphone master=mouth.monitor rate={SAMPLE_RATE} channels=1",
        )
        self._start(
            *("timeout", str(LIFETIME_S), "pulseaudio"),  # all ends with the server, even if this process is killed
            *("-n", "--disable-shm=yes", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"),
            f"--log-target=file:{folder / 'log'}",
            *(argument for device in devices for argument in ("-L", device)),
        )
        self._wait(lambda: self._control("info"), f"the server does not start: {folder / 'log'}")
        self._control("set-default-sink", "speaker")
        self._control("set-default-source", "microphone")

    def _record(self, source: str, file: Path) -> None:
        file.touch()
        with file.open("wb") as out:
            self._start("parec", f"--device={source}", *_format(SAMPLE_RATE, 10), out=out)

    def _control(self, *command: str) -> bool:
        return subprocess.run(["pactl", *command], env=self._env, capture_output=True, check=False).returncode == 0

    def _start(self, *command: str, source: Any = subprocess.DEVNULL, out: Any = subprocess.DEVNULL) -> _Process:
        process = subprocess.Popen(command, env=self._env, stdin=source, stdout=out, stderr=subprocess.DEVNULL)
        self._processes.append(process)
        return process

    @property
    def _env(self) -> dict[str, str]:
        return {**os.environ, **self.environment}

    def _wait(self, ready: Any, failure: str) -> None:
        end = time.monotonic() + _START_S
        while not ready():
            if time.monotonic() > end:
                raise RuntimeError(f"virtual sound card: {failure}")
            time.sleep(0.02)


def _format(sample_rate: int, latency_ms: int) -> tuple[str, ...]:
    """Players have time, so that a busy machine does not tear what they play; recorders have none."""
    return ("--raw", "--format=s16le", "--channels=1", f"--rate={sample_rate}", f"--latency-msec={latency_ms}")


def _pcm(samples: Samples) -> Any:
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype("<i2")
