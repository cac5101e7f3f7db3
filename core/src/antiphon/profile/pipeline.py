"""Checks that the stages of a profile fit together: features and voice, mel and vocoder, duplex and source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from attrs import frozen

from antiphon.discovery import Plugins
from antiphon.features import FeatureSpec
from antiphon.options import Selection
from antiphon.profile.flow import FlowCheck, Specs
from antiphon.profile.model import FeatureFlow, StageConfig, TransformConfig
from antiphon.profile.problems import Problems, suggest

FEATURES = ("strategy", "features")


@frozen
class Stages:
    """What the check of the features needs of a profile; ``settable``: what the profile lets the strategy set."""

    normalizer: StageConfig
    strategy: StageConfig
    synthesizer: StageConfig
    extractors: Sequence[StageConfig]
    transforms: Sequence[TransformConfig]
    settable: Literal["controllable"] | Sequence[str]


def check_features(stages: Stages, plugins: Plugins, problems: Problems) -> tuple[FeatureFlow, tuple[str, ...]] | None:
    """Follow the features from the extractors to the voice.

    Returns:
        The flow, and the names of the features that the strategy may set; None where it could not be followed.
    """
    check = FlowCheck(plugins, problems)
    before: dict[int, Specs] = {}
    transforms = list(enumerate(stages.transforms))
    extracted = check.extracted(stages.extractors)
    transformed = check.through([(i, t) for i, t in transforms if t.on == "user"], extracted, before)
    if transformed is None:
        return None
    normalised = check.converted(stages.normalizer, ("normalizer",), transformed)
    if normalised is None:
        return None
    check.check_reads(stages.strategy.selection, ("strategy",), [normalised, transformed], "it does not arrive there")
    voice = stages.synthesizer.selection
    controls = _controls(check, voice)
    if controls is None:
        return None
    names = _settable(stages.settable, normalised, controls, problems)
    target: Specs | None = {name: normalised[name] for name in names}
    to_voice = [(i, t) for i, t in transforms if t.on == "target"]
    if names:
        target = check.through(to_voice, target, before)
    if target is None:
        return None
    _check_target(target, controls, voice, bool(to_voice), problems)
    reaching = tuple(before.get(i, {}) for i, _ in transforms)
    return FeatureFlow(extracted, transformed, normalised, target, reaching), names


def check_mel(synthesizer: Selection, vocoder: Selection | None, plugins: Plugins, problems: Problems) -> None:
    """A voice that delivers mel spectrograms has a vocoder that was made for them, and no other voice has one."""
    mel = "mel" in synthesizer.provider.capabilities
    if mel and vocoder is None:
        known = ", ".join(f'"{r.provider.name}"' for r in plugins.registered("vocoder")) or "none"
        problems.add(
            ("synthesizer",),
            f'"{synthesizer.name}" delivers mel spectrograms and needs a vocoder; add [vocoder] use = ... '
            f"(installed are {known})",
        )
    elif vocoder is not None and not mel:
        problems.add(("vocoder",), f'synthesizer "{synthesizer.name}" delivers audio; leave the vocoder out')
    elif vocoder is not None:
        check = FlowCheck(plugins, problems)
        made, expected = (_mel_settings(check, (s.stage,), s) for s in (synthesizer, vocoder))
        if made and expected and made != expected:
            problems.add(
                ("vocoder",),
                f'"{vocoder.name}" expects {expected}, but synthesizer "{synthesizer.name}" makes {made}; '
                "choose a pair with the same settings",
            )


def check_fallback_voices(synthesizer: StageConfig, vocoder: Selection | None, problems: Problems) -> None:
    """A voice that takes over may need a vocoder, too."""
    for policy in ("on_error", "on_timeout"):
        fallback = getattr(synthesizer, policy).fallback
        if fallback is not None and vocoder is None and "mel" in fallback.provider.capabilities:
            message = f'"{fallback.name}" delivers mel spectrograms, and there is no vocoder; choose one without'
            problems.add(("synthesizer", policy), message)


def check_duplex(duplex: str, audio_in: Selection, problems: Problems) -> None:
    """Barging in needs a source that goes on while the agent speaks."""
    live = "live" in audio_in.provider.capabilities or getattr(audio_in.options, "live", False)
    if duplex == "barge-in" and not live:
        problems.add(
            ("session", "duplex"),
            f'"barge-in" needs audio while the agent speaks, and audio_in "{audio_in.name}" is not live as it is set; '
            'choose another source or duplex = "half"',
        )


def _controls(check: FlowCheck, voice: Selection) -> Specs | None:
    """The features that a voice can be told; None where it fails to say."""
    describe = getattr(voice.options, "voice", None)
    if describe is None:
        return {}
    card = check.ask(("synthesizer",), voice, describe)
    if card is None:
        return None
    return {control.feature.name: control.feature for control in card.controls}


def _settable(
    asked: Literal["controllable"] | Sequence[str], normalised: Specs, controls: Specs, problems: Problems
) -> tuple[str, ...]:
    """The features that the strategy may set: those that are asked for, or all that the voice can be told."""
    if isinstance(asked, str):
        return tuple(name for name in normalised if name in controls)
    for index, name in enumerate(asked):
        if name not in normalised:
            problems.add((*FEATURES, index), f'"{name}" does not reach the strategy; {suggest(name, normalised)}')
        elif name in asked[:index]:
            problems.add((*FEATURES, index), f'"{name}" is there twice; leave one out')
    return tuple(dict.fromkeys(name for name in asked if name in normalised))


def _check_target(target: Specs, controls: Specs, voice: Selection, transformed: bool, problems: Problems) -> None:
    """Everything that arrives at the voice is something it can be told, with the same meaning."""
    in_z = [name for name, spec in target.items() if spec.scale == "z" and name in controls]
    if in_z:
        problems.add(
            FEATURES,
            f'the strategy sets {", ".join(in_z)} in z, but synthesizer "{voice.name}" takes raw values; add '
            f'[[transform]] use = "to-voice"{" as the last one" if transformed else ""}',
        )
    for name, spec in target.items():
        control = controls.get(name)
        if control is None:
            takes = f"takes {', '.join(controls)}" if controls else "takes no controls"
            problems.add(
                FEATURES,
                f'the strategy sets {spec}, but synthesizer "{voice.name}" cannot be told it: it {takes}; leave it '
                "out, or choose a voice that can",
            )
        elif name not in in_z and not spec.fits(control):
            problems.add(FEATURES, _mismatch(spec, control, voice))


def _mismatch(spec: FeatureSpec, control: FeatureSpec, voice: Selection) -> str:
    return (
        f'the strategy sets {spec} ({spec.definition}), but synthesizer "{voice.name}" takes {control} '
        f"({control.definition}); add a [[transform]] between them, or leave it out"
    )


def _mel_settings(check: FlowCheck, path: tuple[str, ...], chosen: Selection) -> Any:
    describe = getattr(chosen.options, "mel_settings", None)
    if describe is None:
        check.problems.add(path, f'"{chosen.name}" does not say its mel settings; its options need mel_settings()')
        return None
    return check.ask(path, chosen, describe)
