"""Stages of a profile must fit together; what does not is told with both sides and the remedy."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import antiphon.testing.plugin
import pytest
from antiphon.discovery import Plugins
from antiphon.errors import PipelineError, ProfileError
from antiphon.features import DURATION, INTENSITY_MEAN, PITCH_MEAN, RATE, FeatureSpec
from antiphon.options import NoOptions, option
from antiphon.payloads import Control, MelSettings, VoiceCard
from antiphon.profile import load_profile
from antiphon.provider import Provider
from attrs import evolve, frozen

PER_MINUTE = evolve(RATE, unit="syll/min", definition="syllables per minute of duration")


@frozen
class Voice:
    """A voice that is told a rate per minute."""

    def voice(self) -> VoiceCard:
        return VoiceCard("minutes", 16000, (Control(PER_MINUTE, 5.4, 0.2, 60, 600),))


@frozen
class Renames:
    """A transform after which a feature has another name."""

    def convert(self, specs: Mapping[str, FeatureSpec]) -> Mapping[str, FeatureSpec]:
        return {**{n: s for n, s in specs.items() if n != "rate"}, "pitch_mean": PITCH_MEAN.on("z")}


@frozen
class Refuses:
    def convert(self, specs: Mapping[str, FeatureSpec]) -> Mapping[str, FeatureSpec]:
        raise PipelineError("cannot take this; write something else")


@frozen
class Raises:
    def convert(self, specs: Mapping[str, FeatureSpec]) -> Mapping[str, FeatureSpec]:
        raise RuntimeError("a bug")


@frozen
class WideMel:
    def mel_settings(self) -> MelSettings:
        return MelSettings(16000, 1024, 256, 100, 0.0, 8000.0)


@frozen
class Chosen:
    """Options that decide what is read and written."""

    needs: bool = option(True, help="Whether it reads the rate.")

    def reads(self) -> tuple[FeatureSpec, ...]:
        return (RATE,) if self.needs else ()

    def writes(self) -> tuple[FeatureSpec, ...]:
        return (evolve(RATE, name="rate_again"),)


class Odd:
    """A plugin with implementations that fit badly."""

    @staticmethod
    def provider(name: str, options: type = NoOptions, **more: object) -> Provider:
        module = "antiphon.options" if options is NoOptions else __name__
        return Provider(name, name, "nowhere:None", options=f"{module}:{options.__name__}", **more)  # type: ignore[arg-type]


def _register(stage, *providers):
    def hook(register):
        for provider in providers:
            register(provider)

    return staticmethod(antiphon.hookimpl(hook, specname=f"antiphon_register_{stage}"))


Odd.features = _register(
    "features",
    Odd.provider("per-minute", writes=(PER_MINUTE,)),
    Odd.provider("only-duration", writes=(DURATION,)),
    Odd.provider("needs-duration", reads=(DURATION,), writes=(RATE,)),
    Odd.provider("needs-minutes", reads=(PER_MINUTE,), writes=(INTENSITY_MEAN,)),
    Odd.provider("chosen", Chosen),
)
Odd.synthesizer = _register("synthesizer", Odd.provider("minutes", Voice), Odd.provider("mute"))
Odd.transform = _register(
    "transform", Odd.provider("renames", Renames), Odd.provider("refuses", Refuses), Odd.provider("raises", Raises)
)
Odd.vocoder = _register("vocoder", Odd.provider("wide", WideMel), Odd.provider("silent-about-it"))
Odd.strategy = _register("strategy", Odd.provider("reads-rate", reads=(RATE.on("z"),)))

PLUGINS = Plugins([("fakes", antiphon.testing.plugin), ("odd", Odd)], installed=False)
assert __name__ in sys.modules

GOOD = """\
schema = 1
[audio_in]
use = "fake-audio"
[endpoint]
use = "fake"
[recognizer]
use = "fake"
[normalizer]
use = "fake"
[responder]
use = "fake"
"""
FEATURES = '[[features]]\nuse = "fake"\n'
VOICE = '[synthesizer]\nuse = "fake"\n'
TO_VOICE = '[[transform]]\nuse = "to-voice"\n'


def load(folder: Path, text: str, *overrides: str):
    path = folder / "p.toml"
    path.write_text(GOOD + text)
    return load_profile(path, overrides, PLUGINS)


def problems(folder: Path, text: str, *overrides: str) -> str:
    with pytest.raises(ProfileError) as caught:
        load(folder, text, *overrides)
    return str(caught.value)


def test_features_are_followed_to_the_voice(tmp_path):
    profile = load(tmp_path, FEATURES + VOICE + TO_VOICE)
    assert list(profile.flow.extracted) == ["pitch_mean", "intensity_mean", "rate", "duration"]
    assert {s.scale for s in profile.flow.normalised.values()} == {"z"}
    assert profile.strategy.features == ("pitch_mean", "intensity_mean", "rate")
    assert profile.flow.target["rate"] == RATE
    assert [list(specs) for specs in profile.flow.before_transform] == [["pitch_mean", "intensity_mean", "rate"]]
    assert profile.resolved["strategy"]["features"] == ["pitch_mean", "intensity_mean", "rate"]


def test_text_only_needs_nothing_else(tmp_path):
    for text in ("", FEATURES, FEATURES + TO_VOICE, FEATURES + '[synthesizer]\nuse = "none"\n'):
        profile = load(tmp_path, text)
        assert profile.strategy.features == ()
        assert profile.flow.target == {}


def test_z_must_be_brought_to_the_voice(tmp_path):
    told = problems(tmp_path, FEATURES + VOICE)
    assert "strategy.features: the strategy sets pitch_mean, intensity_mean, rate in z" in told
    assert '"fake" takes raw values; add [[transform]] use = "to-voice"' in told
    assert load(tmp_path, FEATURES + VOICE + "[strategy]\nuse = 'neutral'\nfeatures = []\n").strategy.features == ()
    assert load(tmp_path, VOICE).strategy.features == ()


def test_what_is_set_must_be_what_the_voice_is_told(tmp_path):
    """Duration is measured, and the voice is told the rate: neither is silently the other."""
    told = problems(tmp_path, FEATURES + VOICE + TO_VOICE + '[strategy]\nuse = "matching"\nfeatures = ["duration"]\n')
    assert "p.toml:20: strategy.features: the strategy sets duration [s, raw]" in told
    assert "cannot be told it: it takes pitch_mean, intensity_mean, rate" in told


def test_unknown_and_repeated_features(tmp_path):
    strategy = '[strategy]\nuse = "matching"\nfeatures = ["pitch_maen", "rate",\n  "rate"]\n'
    told = problems(tmp_path, FEATURES + VOICE + TO_VOICE + strategy)
    assert 'strategy.features.0: "pitch_maen" does not reach the strategy; did you mean "pitch_mean"?' in told
    assert 'p.toml:21: strategy.features.2: "rate" is there twice' in told


def test_same_name_other_unit(tmp_path):
    told = problems(tmp_path, FEATURES + TO_VOICE + '[synthesizer]\nuse = "minutes"\n')
    assert "the strategy sets rate [syll/s, raw]" in told
    assert "takes rate [syll/min, raw] (syllables per minute of duration)" in told


def test_explicit_features_need_a_voice(tmp_path):
    told = problems(tmp_path, FEATURES + TO_VOICE + '[strategy]\nuse = "matching"\nfeatures = ["rate"]\n')
    assert 'synthesizer "none" cannot be told it: it takes no controls' in told


def test_a_voice_that_says_nothing_of_itself_takes_nothing(tmp_path):
    assert load(tmp_path, FEATURES + '[synthesizer]\nuse = "mute"\n').strategy.features == ()


def test_a_target_may_change_its_names_on_the_way(tmp_path):
    text = FEATURES + VOICE + '[[transform]]\nuse = "renames"\n' + TO_VOICE
    profile = load(tmp_path, text + '[strategy]\nuse = "matching"\nfeatures = ["rate"]\n')
    assert list(profile.flow.target) == ["pitch_mean"]
    assert [list(specs) for specs in profile.flow.before_transform] == [["rate"], ["pitch_mean"]]


def test_user_side_transforms_come_before_the_normaliser(tmp_path):
    profile = load(tmp_path, FEATURES + VOICE + '[[transform]]\nuse = "log"\non = "user"\n' + TO_VOICE)
    assert profile.flow.transformed["rate"].scale == "log"
    assert profile.flow.extracted["rate"].scale == "raw"
    assert profile.flow.before_transform[0]["rate"].scale == "raw"


def test_transforms_that_cannot_take_what_arrives(tmp_path):
    text = FEATURES + VOICE + '[[transform]]\nuse = "refuses"\n[[transform]]\nuse = "raises"\non = "user"\n'
    assert 'transform.1: "raises" cannot be checked: RuntimeError: a bug' in problems(tmp_path, text)
    assert "transform.0: cannot take this; write something else" in problems(tmp_path, text, 'transform.1.on="target"')


def test_reads_must_be_written_earlier(tmp_path):
    told = problems(tmp_path, '[[features]]\nuse = "needs-duration"\n[[features]]\nuse = "only-duration"\n')
    assert 'features.0: "needs-duration" reads duration, but no extractor before it writes it' in told
    assert 'add [[features]] use = "fake" before it' in told
    load(tmp_path, '[[features]]\nuse = "only-duration"\n[[features]]\nuse = "needs-duration"\n')


def test_reads_must_mean_the_same(tmp_path):
    text = "".join(f'[[features]]\nuse = "{use}"\n' for use in ("only-duration", "needs-duration", "needs-minutes"))
    told = problems(tmp_path, text)
    assert 'features.2: "needs-minutes" reads rate [syll/min, raw]' in told
    assert "what arrives is rate [syll/s, raw]" in told


def test_options_may_decide_what_is_read(tmp_path):
    text = '[[features]]\nuse = "chosen"\n'
    assert '"chosen" reads rate' in problems(tmp_path, text)
    profile = load(tmp_path, text, "features.0.options.needs=false")
    assert list(profile.flow.extracted) == ["rate_again"]


def test_two_extractors_of_one_feature(tmp_path):
    told = problems(tmp_path, FEATURES + '[[features]]\nuse = "only-duration"\n')
    assert 'features.1: "only-duration" measures duration, and so does "fake" before it' in told


def test_what_a_strategy_reads(tmp_path):
    strategy = '[strategy]\nuse = "reads-rate"\n'
    assert 'strategy: "reads-rate" reads rate, but it does not arrive there' in problems(tmp_path, strategy)
    load(tmp_path, FEATURES + strategy)
    told = problems(tmp_path, FEATURES + strategy, 'normalizer.use="none"')
    assert 'strategy: "reads-rate" reads rate [syll/s, z]' in told


def test_mel_and_vocoder(tmp_path):
    mel = '[synthesizer]\nuse = "fake-mel"\n'
    assert "needs a vocoder" in problems(tmp_path, mel)
    load(tmp_path, mel + '[vocoder]\nuse = "fake"\n')
    told = problems(tmp_path, mel + '[vocoder]\nuse = "wide"\n')
    assert 'vocoder: "wide" expects MelSettings(sample_rate=16000' in told
    assert "does not say its mel settings" in problems(tmp_path, mel + '[vocoder]\nuse = "silent-about-it"\n')
    assert "leave the vocoder out" in problems(tmp_path, VOICE + '[vocoder]\nuse = "fake"\n')


def test_voices_that_take_over(tmp_path):
    told = problems(tmp_path, VOICE, 'synthesizer.on_error={ fallback = "fake-mel" }')
    assert 'synthesizer.on_error: "fake-mel" delivers mel spectrograms, and there is no vocoder' in told
    load(tmp_path, VOICE, 'synthesizer.on_error={ fallback = "none" }')


def test_the_user_cannot_be_skipped(tmp_path):
    assert "audio_in.on_error: nothing is left without the user's side" in problems(
        tmp_path, "", "audio_in.on_error=skip"
    )


def test_barge_in_needs_a_live_source(tmp_path):
    told = problems(tmp_path, '[session]\nduplex = "barge-in"\n')
    assert 'p.toml:13: session.duplex: "barge-in" needs audio while the agent speaks' in told
    load(tmp_path, '[session]\nduplex = "barge-in"\n', "audio_in.options.live=true")


def test_fallbacks_give_the_same_features(tmp_path):
    told = problems(tmp_path, FEATURES, 'normalizer.on_error={ fallback = "none" }')
    assert 'normalizer.on_error: "none" makes' in told
    load(tmp_path, FEATURES, 'normalizer.on_error={ fallback = "user-z" }')
