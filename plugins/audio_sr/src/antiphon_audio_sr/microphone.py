"""audio_in ``sr``: the user's voice through SpeechRecognition's Microphone."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import weakref

import numpy as np
from antiphon.errors import DeviceError
from antiphon.payloads import Audio
from antiphon.stages import Component, Setup

from antiphon_audio_sr.devices import Device, choose, list_devices, require_rate
from antiphon_audio_sr.noise import NoiseMeter
from antiphon_audio_sr.options import MicrophoneOptions
from antiphon_audio_sr.sounddevice_pyaudio import Microphone

log = logging.getLogger(__name__)

FULL_SCALE = 32768.0


class MicrophoneInput(Component[MicrophoneOptions]):
    """Finds the microphone; every session records through a stream of its own.

    Raises:
        DeviceError: no PortAudio, no such device, or a rate it does not have.
    """

    def __init__(self, options: MicrophoneOptions, setup: Setup) -> None:
        super().__init__(options, setup)
        self.device = choose(list_devices(), options.device, "input")
        self.sample_rate = options.sample_rate or self.device.sample_rate
        require_rate(self.device, "input", self.sample_rate)
        self._sessions: weakref.WeakSet[MicrophoneSession] = weakref.WeakSet()

    def session(self, seed: int) -> MicrophoneSession:
        chunk = max(1, round(self.sample_rate * self.options.chunk_ms / 1000))
        microphone = Microphone(device_index=self.device.index, sample_rate=self.sample_rate, chunk_size=chunk)
        session = MicrophoneSession(microphone, self.device, self.options)
        self._sessions.add(session)
        return session

    def close(self) -> None:
        """End all recordings."""
        for session in list(self._sessions):
            session.close()


class MicrophoneSession:
    """One recording, from the first read to close.

    A thread reads the device without pause and queues what it hears, so nothing is lost while nobody reads.
    """

    def __init__(self, microphone: Microphone, device: Device, options: MicrophoneOptions) -> None:
        self._microphone = microphone
        self._device = device
        self._timeout_s = options.timeout_s
        self._chunks: queue.SimpleQueue[bytes | Exception | None] = queue.SimpleQueue()
        self._noise = NoiseMeter(options.calibrate_s)
        self._reader: threading.Thread | None = None
        self._closing = threading.Event()
        self._position = 0

    @property
    def noise_db(self) -> float | None:
        """Level of the room's noise re full scale; None before it is measured."""
        return self._noise.level_db

    def read(self) -> Audio | None:
        """The next chunk; the first call starts the recording. None after `close`.

        Raises:
            DeviceError: the microphone cannot be opened, was unplugged, or falls silent for good.
        """
        if self._closing.is_set():
            return None
        if self._reader is None:
            self._start()
        try:
            chunk = self._chunks.get(timeout=self._timeout_s)
        except queue.Empty:
            raise DeviceError(f"{self._named} has delivered nothing for {self._timeout_s:g} s") from None
        if isinstance(chunk, Exception):
            raise DeviceError(f"{self._named} failed; it may have been unplugged ({chunk})") from chunk
        if chunk is None:
            return None
        samples = (np.frombuffer(chunk, dtype=np.int16) / FULL_SCALE).astype(np.float32)
        self._noise.hear(samples, self._microphone.SAMPLE_RATE)
        audio = Audio(samples, self._microphone.SAMPLE_RATE, self._position)
        self._position = audio.end_sample
        return audio

    def close(self) -> None:
        """End the recording; a read that waits returns None."""
        self._closing.set()
        self._chunks.put(None)
        if self._reader is not None:
            self._reader.join(self._timeout_s)

    def _start(self) -> None:
        self._microphone.__enter__()
        if self._microphone.stream is None:  # SpeechRecognition swallows the reason
            raise DeviceError(f"{self._named} cannot be opened; another program may hold it")
        self._reader = threading.Thread(target=self._record, name="microphone", daemon=True)
        self._reader.start()

    def _record(self) -> None:
        """Runs on the reader's thread, which alone touches the stream once it is open."""
        try:
            while not self._closing.is_set():
                self._chunks.put(self._microphone.stream.read(self._microphone.CHUNK))
        except Exception as error:  # sounddevice's, or whatever the sound system invents
            self._chunks.put(error)
        finally:
            overflows = self._microphone.stream.pyaudio_stream.overflows
            with contextlib.suppress(Exception):  # a device that is gone cannot be closed
                self._microphone.__exit__(None, None, None)
            if overflows:
                log.warning("%s: audio was lost %d times because the machine was too busy", self._named, overflows)

    @property
    def _named(self) -> str:
        return f'microphone {self._device.index} "{self._device.name}"'
