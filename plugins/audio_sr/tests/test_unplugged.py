"""A sound card that goes away while it is used: an error for users, soon, and no hanging."""

import os
import subprocess
import sys

import pytest
from antiphon_audio_sr.testing import why_unavailable

PROGRAM = """
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
import numpy as np
from antiphon.errors import DeviceError
from antiphon.payloads import Audio
from antiphon.stages import Setup
from antiphon_audio_sr.testing import VirtualSoundCard

folder = TemporaryDirectory(prefix="card-")
card = VirtualSoundCard(Path(folder.name))
import os
os.environ.update(card.environment)
from antiphon_audio_sr.microphone import MicrophoneInput
from antiphon_audio_sr.options import MicrophoneOptions, SpeakerOptions
from antiphon_audio_sr.speaker import Speaker

microphone = MicrophoneInput(MicrophoneOptions(timeout_s=2.0), Setup()).session(0)
speaker = Speaker(SpeakerOptions(), Setup()).session(0)
microphone.read()
speaker.begin(16000, 0.0)
speaker.play(Audio(np.zeros(16000 * 60), 16000))
assert speaker.pending_s() > 50
card.close()
for wait in (microphone.read, speaker.pending_s):
    try:
        while wait():
            pass
    except DeviceError as error:
        print(error)
assert speaker.stop() < 16000 * 30
microphone.close()
speaker.close()
"""


@pytest.mark.long
@pytest.mark.skipif(why_unavailable() is not None, reason=why_unavailable() or "")
def test_an_unplugged_card_is_an_error() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=dict(os.environ), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    microphone, speaker = done.stdout.splitlines()
    assert 'microphone 1 "default"' in microphone
    assert 'speaker 1 "default" no longer plays; it may have been unplugged' in speaker
