"""audio_out ``speaker``: plays through a sound device and knows what was heard."""

from __future__ import annotations

import logging
import time
from typing import Any

from antiphon.errors import AudioError, DeviceError
from antiphon.payloads import Audio
from antiphon.stages import Component, Setup

from antiphon_audio_sr.devices import Device, choose, list_devices, portaudio, require_rate
from antiphon_audio_sr.options import SpeakerOptions
from antiphon_audio_sr.playback import Playback

log = logging.getLogger(__name__)

STALL_S = 2.0
"""A device that takes nothing for this long, though there is something to play, has failed."""


class Speaker(Component[SpeakerOptions]):
    """Finds the output device; every session plays through a stream of its own.

    Raises:
        DeviceError: no PortAudio, no such device, or a rate it does not have.
    """

    def __init__(self, options: SpeakerOptions, setup: Setup) -> None:
        super().__init__(options, setup)
        self.device = choose(list_devices(), options.device, "output")
        self.sample_rate = options.sample_rate or self.device.sample_rate
        require_rate(self.device, "output", self.sample_rate)

    def session(self, seed: int) -> SpeakerSession:
        return SpeakerSession(self.device, self.sample_rate, self.options.buffer_s)


class SpeakerSession:
    """The agent's voice in one conversation, utterance by utterance.

    The device's stream is opened once and started for every utterance: PortAudio's buffer is then filled with speech
    from the start, so that even a large buffer does not delay the first sound. It is aborted, not stopped, when the
    agent is interrupted: what lies in buffers is dropped.
    """

    def __init__(self, device: Device, device_rate: int, buffer_s: float) -> None:
        self._named = f'speaker {device.index} "{device.name}"'
        self._device_rate = device_rate
        self._buffer_s = buffer_s
        self._playback = Playback(device_rate, device_rate)
        self._stopped_after: int | None = None
        self._running = False
        self._underflows = 0
        self._last_callback = 0.0
        self._stream = self._open(device)

    def begin(self, sample_rate: int, start_s: float) -> None:
        """A new utterance; what was left of an earlier one is dropped."""
        self._silence()
        self._playback = Playback(sample_rate, self._device_rate)
        self._stopped_after = None

    def play(self, audio: Audio) -> None:
        """Queue more of the utterance; it sounds as soon as the device's buffer can be filled, or at `pending_s`.

        Raises:
            AudioError: another rate than the utterance began with.
            DeviceError: the device cannot be started.
        """
        rate = self._playback.sample_rate
        if audio.sample_rate != rate:
            raise AudioError(f"an utterance that began at {rate} Hz cannot go on at {audio.sample_rate} Hz")
        if self._stopped_after is not None:
            return
        self._playback.add(audio.samples)
        if self._playback.waiting_s > 1.5 * self._buffer_s:
            self._start()

    def pending_s(self) -> float:
        """Seconds of audio that are queued and not yet heard.

        Whoever asks has nothing more to play at the moment, so what waited for a full buffer starts to sound, and
        near the end the converter gives what it held back.

        Raises:
            DeviceError: the device no longer plays.
        """
        if self._stopped_after is not None:
            return 0.0
        if self._playback.pending_s(self._stream.time) < 2 * self._buffer_s:
            self._playback.flush()
        if self._playback.waiting_s:
            self._start()
            if not self._stream.active or time.monotonic() - self._last_callback > STALL_S + self._buffer_s:
                raise DeviceError(f"{self._named} no longer plays; it may have been unplugged")
        pending_s = self._playback.pending_s(self._stream.time)
        if not pending_s:
            self._silence()
        return pending_s

    def stop(self) -> int:
        """Fall silent at once; returns how many samples of this utterance, at its own rate, were heard."""
        if self._stopped_after is None:
            now = self._stream.time if self._running else float("inf")
            self._silence()
            self._stopped_after = self._playback.heard(now)
        return self._stopped_after

    def close(self) -> None:
        """Give the device back."""
        self._silence()
        self._stream.close(ignore_errors=True)

    def _open(self, device: Device) -> Any:
        sounddevice = portaudio()
        try:
            return sounddevice.OutputStream(
                device=device.index,
                samplerate=self._device_rate,
                channels=1,
                dtype="float32",
                latency=self._buffer_s,
                callback=self._callback,
                prime_output_buffers_using_stream_callback=True,
            )
        except sounddevice.PortAudioError as error:
            raise DeviceError(f"{self._named} cannot be opened: {error}") from error

    def _callback(self, out: Any, frames: int, times: Any, status: Any) -> None:
        """Runs on PortAudio's thread."""
        self._last_callback = time.monotonic()
        self._underflows += bool(status.output_underflow)
        # Some systems report no time of the first sample; the stream's latency is then the best estimate.
        heard_at = times.outputBufferDacTime or self._stream.time + self._stream.latency
        self._playback.fill(out[:, 0], heard_at)

    def _start(self) -> None:
        if self._running:
            return
        self._running = True
        self._last_callback = time.monotonic()
        try:
            self._stream.start()
        except portaudio().PortAudioError as error:
            raise DeviceError(f"{self._named} cannot be started: {error}") from error

    def _silence(self) -> None:
        """Drop what lies in buffers; the next `_start` begins afresh."""
        if not self._running:
            return
        self._running = False
        self._stream.abort(ignore_errors=True)
        if self._playback.gaps or self._underflows:
            log.warning(
                "%s: silence within an utterance %d times because the voice was late, %d times because the machine was",
                self._named,
                self._playback.gaps,
                self._underflows,
            )
            self._underflows = 0
