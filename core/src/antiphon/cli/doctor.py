"""``antiphon plugins doctor``: tries every implementation and tells what fails and how long it takes."""

from __future__ import annotations

import time
from typing import Any

import attrs
import click

from antiphon.discovery import Plugins, Registered
from antiphon.errors import AntiphonError
from antiphon.provider import load
from antiphon.stages import Setup

DEVICE_STAGES = {"audio_in", "audio_out"}
"""They may take hold of a microphone or a terminal when they are opened; they are only imported."""


def examine(plugins: Plugins) -> int:
    """Print a line per implementation; returns the number of problems."""
    problems = len(plugins.broken)
    for broken in plugins.broken:
        click.echo(f"broken  {broken.entry_point} ({broken.distribution} {broken.version}): {broken.cause}")
    for registered in plugins.registered():
        label = f'{registered.stage} "{registered.provider.name}"'
        started = time.perf_counter()
        try:
            done = _try(registered)
            verdict = f"ok      {label}: {done}"
        except (Exception, SystemExit) as error:  # whatever a plugin raises is what this is looking for
            problems += 1
            reason = str(error) if isinstance(error, AntiphonError) else f"{type(error).__name__}: {error}"
            verdict = f"failed  {label} ({registered.distribution}): {reason}"
        click.echo(f"{verdict}  [{1e3 * (time.perf_counter() - started):.0f} ms]")
    click.echo(f"{problems} problem{'s' * (problems != 1)}")
    return problems


def _try(registered: Registered) -> str:
    provider = registered.provider
    options_class = provider.options_class()
    if not callable(load(provider.factory, provider.name)):
        raise TypeError(f"{provider.factory} cannot be called as Class(options, setup)")
    required = [a.name for a in attrs.fields(options_class) if a.default is attrs.NOTHING]
    if required:
        return f"imported; not opened, for it needs {', '.join(required)}"
    if registered.stage in DEVICE_STAGES:
        return "imported"
    options = options_class()
    component = provider.open(options, _setup(options))
    getattr(component, "close", lambda: None)()
    return "imported and opened"


def _setup(options: Any) -> Setup:
    describe_voice = getattr(options, "voice", None)
    return Setup(voice=describe_voice() if callable(describe_voice) else None)
