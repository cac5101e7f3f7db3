"""The hooks that plugins implement.

A plugin is a module named by an entry point of the group ``antiphon``. It registers implementations of stages::

    from antiphon import Provider, hookimpl

    @hookimpl
    def antiphon_register_strategy(register):
        register(Provider("mine", "Does what I say", "my_package.strategy:Mine", options="my_package.options:Options"))

and listens to broadcasts. The module itself must import nothing heavy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pluggy

from antiphon.provider import Provider

if TYPE_CHECKING:
    import click

    from antiphon.profile import Profile
    from antiphon.recording import Exporter, SessionInfo, TurnRecord

Register = Callable[[Provider], None]

GROUP = "antiphon"
hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)


# -- stages: one implementation is chosen by name -------------------------------------------------------------------


@hookspec
def antiphon_register_audio_in(register: Register) -> None:
    """Register sources of the user's side (`antiphon.stages.AudioIn`)."""


@hookspec
def antiphon_register_endpoint(register: Register) -> None:
    """Register endpointers (`antiphon.stages.Endpointer`)."""


@hookspec
def antiphon_register_recognizer(register: Register) -> None:
    """Register recognisers (`antiphon.stages.Recognizer`, `StreamingRecognizer`)."""


@hookspec
def antiphon_register_features(register: Register) -> None:
    """Register feature extractors (`antiphon.stages.FeatureExtractor`)."""


@hookspec
def antiphon_register_normalizer(register: Register) -> None:
    """Register normalisers (`antiphon.stages.Normalizer`)."""


@hookspec
def antiphon_register_responder(register: Register) -> None:
    """Register responders (`antiphon.stages.Responder`, `StreamingResponder`)."""


@hookspec
def antiphon_register_strategy(register: Register) -> None:
    """Register entrainment strategies (`antiphon.stages.Strategy`)."""


@hookspec
def antiphon_register_transform(register: Register) -> None:
    """Register feature transforms (`antiphon.stages.Transform`)."""


@hookspec
def antiphon_register_synthesizer(register: Register) -> None:
    """Register voices (`antiphon.stages.Synthesizer`, `StreamingSynthesizer`)."""


@hookspec
def antiphon_register_vocoder(register: Register) -> None:
    """Register vocoders (`antiphon.stages.Vocoder`)."""


@hookspec
def antiphon_register_audio_out(register: Register) -> None:
    """Register sinks of the agent's audio (`antiphon.stages.AudioOut`)."""


# -- parts: chosen by name inside the options of a stage -------------------------------------------------------------


@hookspec
def antiphon_register_embedding(register: Register) -> None:
    """Register embeddings of text (`antiphon.stages.Embedding`)."""


# -- broadcasts: all who listen are called, one by one; one that fails is logged and left out of that session ---------


@hookspec
def antiphon_session_started(session: SessionInfo) -> None:
    """A session has started and its folder exists."""


@hookspec
def antiphon_turn_finished(session: SessionInfo, turn: TurnRecord) -> None:
    """A turn, of the user or of the agent, has been recorded."""


@hookspec
def antiphon_session_finished(session: SessionInfo) -> None:
    """A session has ended, for whatever reason, and its folder is complete."""


@hookspec
def antiphon_check_profile(profile: Profile) -> list[str] | None:
    """Problems of a profile that only this plugin can see, each as ``table.key: what is wrong; what is right``."""


@hookspec
def antiphon_register_commands(cli: click.Group) -> None:
    """Add commands to the command line, as `antiphon.cli.lazy.LazyCommand`, for the help lists them."""


@hookspec
def antiphon_register_exporters(register: Callable[[Exporter], Any]) -> None:
    """Register formats for ``antiphon session export``."""
