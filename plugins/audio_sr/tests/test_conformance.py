"""The conformance suites of the stages, on a virtual sound card."""

from typing import ClassVar

import pytest
from antiphon.testing import conformance

pytestmark = pytest.mark.usefixtures("sound_card")


class TestMicrophone(conformance.AudioInSuite):
    name = "sr"
    repeatable = False
    reads: ClassVar[int] = 20


class TestSpeaker(conformance.AudioOutSuite):
    name = "speaker"
    repeatable = False
