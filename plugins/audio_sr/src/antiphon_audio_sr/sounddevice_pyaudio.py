"""As much of PyAudio's interface as SpeechRecognition's Microphone needs, on sounddevice.

On Linux PyAudio must be compiled against PortAudio's headers, asks for PortAudio's smallest buffer, and does not tell
when that overflows; sounddevice comes as a wheel. Both bind the same library, and device indices are the same.
Interface: PyAudio 0.2.14, https://people.csail.mit.edu/hubert/pyaudio/docs/
"""

from __future__ import annotations

from typing import Any

import speech_recognition

from antiphon_audio_sr.devices import portaudio

paInt16 = 8

LATENCY_S = 0.1
"""How much PortAudio keeps for a reader that is late."""


def get_sample_size(format: int) -> int:
    """Bytes of a sample; only 16-bit integers are offered."""
    if format != paInt16:
        raise ValueError(f"sample format {format} is not paInt16")
    return 2


class PyAudio:
    """The devices, and streams from them."""

    def __init__(self) -> None:
        self._sounddevice = portaudio()

    def get_device_count(self) -> int:
        return len(self._sounddevice.query_devices())

    def get_device_info_by_index(self, index: int) -> dict[str, Any]:
        return {"defaultSampleRate": self._sounddevice.query_devices(index)["default_samplerate"]}

    def get_default_input_device_info(self) -> dict[str, Any]:
        return {"defaultSampleRate": self._sounddevice.query_devices(kind="input")["default_samplerate"]}

    def open(self, *, input_device_index: int | None, channels: int, rate: int, **_: Any) -> InputStream:
        return InputStream(
            self._sounddevice.RawInputStream(
                device=input_device_index, channels=channels, samplerate=rate, dtype="int16", latency=LATENCY_S
            )
        )

    def terminate(self) -> None:
        """Nothing to do: sounddevice ends PortAudio with the process."""


class InputStream:
    """A running recording, with blocking reads. ``overflows`` counts reads before which audio was lost."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.overflows = 0
        stream.start()

    def read(self, frames: int, exception_on_overflow: bool = True) -> bytes:
        data, overflowed = self._stream.read(frames)
        if overflowed:
            self.overflows += 1
            if exception_on_overflow:
                raise OSError("input overflowed")
        return bytes(data)

    def is_stopped(self) -> bool:
        return bool(self._stream.stopped)

    def stop_stream(self) -> None:
        self._stream.stop()

    def close(self) -> None:
        self._stream.close()


class Microphone(speech_recognition.Microphone):  # type: ignore[misc]
    """SpeechRecognition's Microphone without PyAudio, for everything that takes an ``AudioSource``."""

    @staticmethod
    def get_pyaudio() -> Any:
        import antiphon_audio_sr.sounddevice_pyaudio as module

        return module
