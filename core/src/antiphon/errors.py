"""Everything that Antiphon raises on purpose.

::

    AntiphonError
    ├── ProfileError         a profile is wrong; lists every problem; exit status 2
    ├── PluginError          a plugin cannot be used
    │   ├── PluginNotFound   no plugin registers this name
    │   ├── PluginBroken     it is installed but does not load
    │   └── AmbiguousName    two distributions register the same name
    ├── PipelineError        two stages of a profile do not fit together
    ├── StageError           a stage failed while a dialogue ran
    │   ├── StageTimeout     it missed its deadline
    │   └── StageDied        its worker process ended
    ├── InputError           something given to Antiphon cannot be used
    │   ├── AudioError       audio that is empty, damaged or of an unknown kind
    │   └── ModelError       a prior, voice or checkpoint that is damaged or does not match
    ├── DeviceError          a sound device is missing or failed
    └── RecordingError       a session folder cannot be written or read
"""

from __future__ import annotations

from collections.abc import Sequence


class AntiphonError(Exception):
    """Base of all errors that are meant to be read by a user; the command line prints only the message."""


class ProfileError(AntiphonError):
    """A profile is wrong.

    ``problems`` holds every problem found, each already written as
    ``file:line: table.key: what is wrong; what would be right``.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class PluginError(AntiphonError):
    """A plugin cannot be used."""


class PluginNotFound(PluginError):
    """No installed plugin registers this name for this stage."""


class PluginBroken(PluginError):
    """A plugin is installed, but importing or registering it failed."""


class AmbiguousName(PluginError):
    """Two distributions register the same name for the same stage."""


class PipelineError(AntiphonError):
    """Stages do not fit together: a feature nobody measures, a unit that differs, a control the voice lacks."""


class StageError(AntiphonError):
    """A stage failed while a dialogue ran."""

    def __init__(self, stage: str, message: str) -> None:
        self.stage = stage
        super().__init__(f"{stage}: {message}")


class StageTimeout(StageError):
    """A stage missed its deadline."""


class StageDied(StageError):
    """The worker process of a stage ended unexpectedly."""


class InputError(AntiphonError):
    """Something given to Antiphon cannot be used."""


class AudioError(InputError):
    """Audio that is empty, damaged or of an unknown kind."""


class ModelError(InputError):
    """A prior, voice or checkpoint that is damaged, of another version, or does not match the pipeline."""


class DeviceError(AntiphonError):
    """A sound device is missing or failed; the message says how to install or choose one."""


class RecordingError(AntiphonError):
    """A session folder cannot be written or read."""
