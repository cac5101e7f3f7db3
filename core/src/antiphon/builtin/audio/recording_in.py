"""The user's side of a recorded session, for replay."""

from __future__ import annotations

from collections.abc import Iterator

from antiphon.audio_files import AudioFile
from antiphon.builtin.audio.options import RecordingInOptions
from antiphon.errors import AudioError
from antiphon.payloads import Audio, Typed
from antiphon.recording.reader import Recording, read_recording
from antiphon.recording.recorder import USER_TRACK
from antiphon.stages import Component, Setup


class RecordingIn(Component[RecordingInOptions]):
    """audio_in ``recording``: what the engine listened to, in the same chunks at the same times, and nothing else.

    Raises:
        RecordingError: no session folder, or a damaged one.
    """

    def __init__(self, options: RecordingInOptions, setup: Setup) -> None:
        super().__init__(options, setup)
        self._recording = read_recording(options.path)

    def session(self, seed: int) -> RecordingInSession:
        return RecordingInSession(self._recording)


class RecordingInSession:
    """One passage through the recording.

    Raises:
        AudioError: the recorded track is damaged.
    """

    def __init__(self, recording: Recording) -> None:
        self._items = _items(recording)

    def read(self) -> Audio | Typed | None:
        return next(self._items, None)


def _items(recording: Recording) -> Iterator[Audio | Typed]:
    """Typed turns, and the chunks of every stretch that was listened to."""
    for event in recording.events:
        if event["kind"] == "typed":
            yield Typed(event["text"])
        elif event["kind"] == "listened":
            yield from _chunks(recording, event["start_sample"], event["end_sample"], event["chunk_samples"])


def _chunks(recording: Recording, start: int, end: int, length: int) -> Iterator[Audio]:
    with AudioFile(recording.folder / USER_TRACK) as track:
        track.seek(start)
        while start < end:
            chunk = track.read(min(length, end - start))
            if chunk is None:
                raise AudioError(f"{track.path} is shorter than its events say; the recording is damaged")
            yield chunk
            start = chunk.end_sample
