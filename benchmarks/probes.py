"""A source and a sink that write down when audio passes them; a plugin for the benchmarks alone."""

from __future__ import annotations

import time

from antiphon.builtin.audio.file_in import FileIn, FileInSession
from antiphon.builtin.audio.pacing import pacer_for
from antiphon.hookspecs import Register, hookimpl
from antiphon.payloads import Audio
from antiphon.provider import Provider
from antiphon.testing.fakes.speaking import Loudspeaker, LoudspeakerSession
from attrs import frozen


@frozen
class Delivery:
    """A piece of audio that came (from the source) or was handed over (to the sink), by `time.perf_counter`.

    Attributes:
        opens: it is the first of an utterance, for the sink.
    """

    at_s: float
    duration_s: float
    opens: bool = False


read: list[Delivery] = []
"""Everything that the source has delivered."""

played: list[Delivery] = []
"""Everything that the sink was given."""


class WatchedFileSession(FileInSession):
    """A file that is read."""

    def read(self) -> Audio | None:
        chunk = super().read()
        if chunk is not None:
            read.append(Delivery(time.perf_counter(), chunk.duration_s))
        return chunk


class WatchedFile(FileIn):
    """audio_in ``watched-file``."""

    def session(self, seed: int) -> WatchedFileSession:
        return WatchedFileSession(self.options, pacer_for(self.options.pace, live=self.options.live))


class WatchedDeviceSession(LoudspeakerSession):
    """A loudspeaker at which audio arrives."""

    def play(self, audio: Audio) -> None:
        played.append(Delivery(time.perf_counter(), audio.duration_s, opens=not self.played[-1]))
        super().play(audio)


class WatchedDevice(Loudspeaker):
    """audio_out ``watched-device``."""

    def _make(self, seed: int) -> WatchedDeviceSession:
        return WatchedDeviceSession(self.options, self.setup, seed, time.monotonic)


@hookimpl
def antiphon_register_audio_in(register: Register) -> None:
    options = "antiphon.builtin.audio.options:FileInOptions"
    register(Provider("watched-file", "A file, with the times of its chunks", "benchmarks.probes:WatchedFile", options))


@hookimpl
def antiphon_register_audio_out(register: Register) -> None:
    options = "antiphon.testing.fakes.options:AudioOutOptions"
    register(
        Provider(
            "watched-device",
            "A loudspeaker, with the times of what it gets",
            "benchmarks.probes:WatchedDevice",
            options,
            capabilities={"device"},
        )
    )
