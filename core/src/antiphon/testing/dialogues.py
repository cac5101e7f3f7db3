"""A whole dialogue of fakes, to put a plugin of one's own into."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from antiphon.discovery import Plugins

FAKE_DIALOGUE = """
schema = 1
name = "fakes"
[session]
seed = 7
[audio_in]
use = "fake-audio"
[endpoint]
use = "fake"
[recognizer]
use = "fake-streaming"
[[features]]
use = "fake"
[normalizer]
use = "fake"
[responder]
use = "fake"
[strategy]
use = "fake"
[[transform]]
use = "to-voice"
[synthesizer]
use = "fake-streaming"
"""
"""A profile in which a user of tones says three things and an agent of tones repeats them."""


def fake_plugins(*modules: tuple[str, Any], installed: bool = False) -> Plugins:
    """The built-in stages and the fakes, with further plugin modules (name, module), and those installed if asked."""
    from antiphon.testing import plugin

    further: Iterable[tuple[str, Any]] = modules
    return Plugins([("fakes", plugin), *further], installed=installed)
