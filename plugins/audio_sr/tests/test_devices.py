"""Choosing devices, and `antiphon devices`, with a sound card, without one, and without PortAudio."""

import os
import subprocess
import sys
from ctypes.util import find_library
from pathlib import Path

import attrs
import pytest
from antiphon.errors import DeviceError
from antiphon_audio_sr.devices import Device, choose
from antiphon_audio_sr.options import MicrophoneOptions, SpeakerOptions
from antiphon_audio_sr.testing import VirtualSoundCard

HDMI = Device(0, "HDMI (hw:0,3)", 0, 8, 48_000)
CARD = Device(1, "ALC257 Analog (hw:1,0)", 2, 2, 44_100, default_for=frozenset(["output"]))
HEADSET = Device(2, "Jabra Evolve", 1, 2, 16_000, default_for=frozenset(["input"]))
HEADSET_2 = Device(3, "Jabra Evolve 65", 1, 2, 16_000)
DEVICES = [HDMI, CARD, HEADSET, HEADSET_2]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (None, HEADSET),
        (1, CARD),
        ("1", CARD),
        ("analog", CARD),
        ("ALC257 Analog (hw:1,0)", CARD),
        ("Jabra Evolve", HEADSET),
        ("evolve 65", HEADSET_2),
    ],
)
def test_chooses_by_index_name_or_part_of_it(wanted: int | str | None, found: Device) -> None:
    assert choose(DEVICES, wanted, "input") == found


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("jabra", 'several input devices match "jabra"; choose by index one of 2 "Jabra Evolve", 3 "Jabra Evolve 65"'),
        ("HDMI", 'no input device matches "HDMI"; there are 1 "ALC257 Analog (hw:1,0)", 2 "Jabra Evolve"'),
        (0, 'no input device matches "0"'),
        ("0", 'no input device matches "0"'),
        (99, 'no input device matches "99"'),
        ("", 'no input device matches ""'),
    ],
)
def test_says_what_there_is_instead(wanted: int | str, told: str) -> None:
    with pytest.raises(DeviceError) as caught:
        choose(DEVICES, wanted, "input")
    assert told in str(caught.value)


def test_says_when_there_is_nothing() -> None:
    with pytest.raises(DeviceError, match="no input device found"):
        choose([HDMI], None, "input")
    with pytest.raises(DeviceError, match='no default output device; choose one of 0 "HDMI'):
        choose([HDMI], None, "output")


# -- the command ---------------------------------------------------------------------------------------------------

LIST = "from antiphon_audio_sr.command import devices; devices(prog_name='antiphon devices')"
WITHOUT_PORTAUDIO = f"import ctypes.util; ctypes.util.find_library = lambda name: None; {LIST}"
OPEN_WITHOUT_PORTAUDIO = """
import ctypes.util; ctypes.util.find_library = lambda name: None
from antiphon.discovery import Plugins
from antiphon.errors import DeviceError
from antiphon.stages import Setup
for stage, name in (("audio_in", "sr"), ("audio_out", "speaker")):
    provider = Plugins().find(stage, name).provider
    try:
        provider.open(provider.options_class()(), Setup())
    except DeviceError as error:
        print(error)
"""


def run(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def test_lists_a_card(sound_card: VirtualSoundCard) -> None:
    listed = run(LIST, **sound_card.environment)
    assert listed.returncode == 0
    inputs, outputs = listed.stdout.split("Outputs:")
    for part in (inputs, outputs):
        assert [line[:2] for line in part.splitlines() if "default" in line] == [" *"]
        assert "44100 Hz" in part


@pytest.mark.skipif(find_library("portaudio") is None, reason="needs PortAudio: apt-get install libportaudio2")
def test_says_when_there_is_no_card() -> None:
    listed = run(LIST)
    assert listed.returncode == 0
    if "Hz" in listed.stdout:
        pytest.skip("this machine has a sound card")
    assert "Inputs: none" in listed.stdout
    assert "Outputs: none" in listed.stdout


def test_says_how_to_install_portaudio() -> None:
    listed = run(WITHOUT_PORTAUDIO)
    assert listed.returncode == 1
    assert "apt-get install libportaudio2" in listed.stderr
    assert "Traceback" not in listed.stderr


def test_stages_say_how_to_install_portaudio() -> None:
    opened = run(OPEN_WITHOUT_PORTAUDIO)
    assert opened.stdout.count("apt-get install libportaudio2") == 2, opened.stderr


@pytest.mark.parametrize("options", [MicrophoneOptions, SpeakerOptions])
def test_readme_names_every_option(options: type) -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    for field in attrs.fields(options):
        assert f"| `{field.name}` |" in readme
