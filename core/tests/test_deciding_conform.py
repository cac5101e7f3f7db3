"""The built-in normalisers, strategies and transforms pass the suites of their stages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from antiphon.features import PITCH_05, PITCH_95, FeatureSpec, Measurement
from antiphon.recording import TurnRecord
from antiphon.recording.serialize import to_json
from antiphon.testing.conformance import NormalizerSuite, StrategySuite, TransformSuite

RATE_MOMENTS = {"rate": {"mean": 4.0, "sd": 1.0}}


class TestCausal(NormalizerSuite):
    name = "causal"


class TestCausalWithDrift(NormalizerSuite):
    name = "causal"
    options: Mapping[str, Any] = {"memory_turns": 20.0, "features": ["rate"]}


class TestUserZ(NormalizerSuite):
    name = "user-z"


class TestFixed(NormalizerSuite):
    name = "fixed"
    options: Mapping[str, Any] = {"features": RATE_MOMENTS}


class TestNone(NormalizerSuite):
    name = "none"


class TestNeutral(StrategySuite):
    name = "neutral"


class TestMatching(StrategySuite):
    name = "matching"


class TestMatchingOfRawFeatures(StrategySuite):
    name = "matching"
    scale = "raw"
    options: Mapping[str, Any] = {"octave_rule": True}


class TestPartial(StrategySuite):
    name = "partial"


class TestPartialOfRawFeatures(StrategySuite):
    name = "partial"
    scale = "raw"


class TestConvergenceSchedule(StrategySuite):
    name = "convergence-schedule"


class TestGlobalConvergence(StrategySuite):
    name = "global-convergence"


class TestLagged(StrategySuite):
    name = "lagged"


class TestWeise(StrategySuite):
    name = "weise"
    options: Mapping[str, Any] = {"global_weight": 0.3, "global_step": 0.1, "local_step": 0.1}


class TestLevitan2016(StrategySuite):
    name = "levitan2016"


class TestLuboldPitchShift(StrategySuite):
    name = "lubold-pitch-shift"


class TestSynchrony(StrategySuite):
    name = "synchrony"


class TestDisentrain(StrategySuite):
    name = "disentrain"
    options: Mapping[str, Any] = {"kind": "anti-synchrony"}


class TestSham(StrategySuite):
    name = "sham"

    @pytest.fixture
    def options_table(self, tmp_path: Path) -> Mapping[str, Any]:
        said = {"rate": Measurement(1.0)}
        (tmp_path / "turns.jsonl").write_text(to_json(TurnRecord(0, "user", 0, 1, "", normalised=said)) + "\n")
        return {"sessions": [str(tmp_path)]}


class TestRandom(StrategySuite):
    name = "random"


class TestPermuted(StrategySuite):
    name = "random"
    options: Mapping[str, Any] = {"kind": "permuted"}


class TestLog(TransformSuite):
    name = "log"


class TestPitchRange(TransformSuite):
    name = "pitch-range"

    @pytest.fixture
    def specs(self) -> Mapping[str, FeatureSpec]:
        return {spec.name: spec for spec in (PITCH_05, PITCH_95)}


class TestMap(TransformSuite):
    name = "map"
    options: Mapping[str, Any] = {"target": RATE_MOMENTS, "speaker": RATE_MOMENTS}


class TestExpand(TransformSuite):
    name = "expand"
    scale = "z"
    options: Mapping[str, Any] = {"features": RATE_MOMENTS, "domain": "log"}


class TestToVoice(TransformSuite):
    name = "to-voice"
    scale = "z"


class TestClip(TransformSuite):
    name = "clip"
    scale = "z"


class TestSlew(TransformSuite):
    name = "slew"
    scale = "z"
