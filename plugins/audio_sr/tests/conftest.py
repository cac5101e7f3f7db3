"""A virtual sound card that this process uses."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from antiphon_audio_sr.devices import portaudio
from antiphon_audio_sr.testing import VirtualSoundCard, why_unavailable


@pytest.fixture(scope="session")
def _card() -> Iterator[VirtualSoundCard]:
    reason = why_unavailable()
    if reason:
        pytest.skip(reason)
    with TemporaryDirectory(prefix="card-") as folder, VirtualSoundCard(Path(folder)) as card:
        yield card


@pytest.fixture
def sound_card(_card: VirtualSoundCard) -> Iterator[VirtualSoundCard]:
    """The only sound card that PortAudio finds while the test runs."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _card.environment.items():
            patch.setenv(name, value)
        _look_again()
        yield _card
    _look_again()


def _look_again() -> None:
    """PortAudio looks for devices only when it starts."""
    sounddevice = portaudio()
    sounddevice._terminate()
    sounddevice._initialize()
