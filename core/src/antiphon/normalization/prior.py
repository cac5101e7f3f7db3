"""What is known of speakers before anyone has spoken: the prior of the causal normaliser, kept as JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from attrs import asdict, field, fields, frozen, validators

from antiphon.errors import ModelError
from antiphon.features import FeatureSpec, Measurements
from antiphon.normalization.moments import finite

SCHEMA = 1
"""Of the JSON file; files of another schema are refused."""

BUILTIN = "builtin:"
"""Prefix of the names of priors that come with Antiphon."""

VARIANCE_DOF = 6.0
"""How many degrees of freedom the within-speaker variance is worth where it cannot be estimated."""


@frozen
class FeaturePrior:
    """How one feature is distributed, in its log domain (`FeatureSpec.to_log`).

    Attributes:
        feature: the feature; its scale is ``log``.
        mean: grand mean of the means of speakers in conversations.
        within_variance: mean variance of one speaker's turns in one conversation.
        between_variance: variance of the true means of speakers in conversations.
        variance_dof: degrees of freedom that `within_variance` is worth against a speaker's own variance.
        source: where the figures come from, for people.
        corpus_sha256: digest of the numbers they were estimated from; None where they are assumed.
        transform: what `feature.to_log` does; a file that says otherwise is refused.
    """

    feature: FeatureSpec
    mean: float = field(validator=finite)
    within_variance: float = field(validator=[finite, validators.gt(0)])
    between_variance: float = field(validator=[finite, validators.gt(0)])
    variance_dof: float = field(default=VARIANCE_DOF, validator=[finite, validators.gt(0)])
    source: str = field(default="", validator=validators.instance_of(str))
    corpus_sha256: str | None = field(default=None, validator=validators.optional(validators.instance_of(str)))
    transform: Literal["ln", "identity"] = field()

    @transform.default
    def _transform_of_the_feature(self) -> Literal["ln", "identity"]:
        return "identity" if self.feature.floor is None else "ln"

    def __attrs_post_init__(self) -> None:
        if self.feature.scale != "log":
            raise ValueError(f"the prior of {self.feature.name} is on the log scale, not {self.feature.scale}")
        if self.transform != ("identity" if self.feature.floor is None else "ln"):
            raise ValueError(f"transform {self.transform!r} does not fit {self.feature}, floor {self.feature.floor}")

    @property
    def strength(self) -> float:
        """How many turns of a speaker the prior's mean is worth (kappa 0)."""
        return self.within_variance / self.between_variance


@frozen
class Prior:
    """The prior of all features.

    Attributes:
        features: by name.
        name: for people and for error messages.
        provenance: sources and licences, for people.
    """

    features: Mapping[str, FeaturePrior]
    name: str = field(default="unnamed", validator=validators.instance_of(str))
    provenance: str = field(default="", validator=validators.instance_of(str))

    def __attrs_post_init__(self) -> None:
        for name, prior in self.features.items():
            if name != prior.feature.name:
                raise ValueError(f"the prior of {prior.feature.name} is filed under {name}")

    @classmethod
    def estimate(
        cls,
        speakers: Iterable[Sequence[Measurements]],
        specs: Iterable[FeatureSpec],
        *,
        name: str = "unnamed",
        provenance: str = "",
    ) -> Prior:
        """Estimate a prior; see `antiphon.normalization.estimate.estimate_prior`."""
        from antiphon.normalization.estimate import estimate_prior

        return estimate_prior(speakers, specs, name=name, provenance=provenance)

    @classmethod
    def load(cls, path: Path | str) -> Prior:
        """Read a prior from a JSON file, or one that comes with Antiphon, as ``builtin:default``.

        Raises:
            ModelError: there is none, or it is damaged, of another schema, or its transforms are not this version's.
        """
        name = Path(path).name  # the profile makes paths absolute, "builtin:default" among them
        source = resources.files(__package__) / f"{name.removeprefix(BUILTIN)}_prior.json"
        try:
            text = (source if name.startswith(BUILTIN) else Path(path)).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ModelError(f'cannot read the prior {path}: {error}; "builtin:default" always exists') from error
        return cls.from_json(text, str(path))

    @classmethod
    def from_json(cls, text: str, source: str = "the prior") -> Prior:
        """The inverse of `to_json`.

        Raises:
            ModelError: as `load`.
        """
        try:
            return cls._from_tables(json.loads(text))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            reason = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
            raise ModelError(f"{source} is not a prior of schema {SCHEMA}: {reason}") from error

    @classmethod
    def _from_tables(cls, tables: Any) -> Prior:
        if tables["schema"] != SCHEMA:
            raise ValueError(f"it has schema {tables['schema']!r}; make it again with this version of Antiphon")
        features = {}
        for name, table in tables["features"].items():
            absent = sorted({f.name for f in fields(FeaturePrior)} - table.keys())
            if absent:
                raise ValueError(f"{name} lacks {', '.join(absent)}")
            features[name] = FeaturePrior(**{**table, "feature": FeatureSpec(**table["feature"])})
        return cls(features, tables["name"], tables["provenance"])

    def to_json(self) -> str:
        """JSON in which every number is exact."""
        tables = {"schema": SCHEMA, "name": self.name, "provenance": self.provenance}
        features = {name: asdict(prior) for name, prior in sorted(self.features.items())}
        return json.dumps({**tables, "features": features}, indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    def save(self, path: Path) -> None:
        """Write the JSON file that `load` reads."""
        path.write_text(self.to_json(), "utf-8")

    @property
    def digest(self) -> str:
        """SHA-256 of all that decides z-scores: what checkpoints and saved states pin."""
        decisive = {
            n: [asdict(p.feature), p.mean, p.within_variance, p.between_variance, p.variance_dof]
            for n, p in sorted(self.features.items())
        }
        return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()

    def accept(self, specs: Mapping[str, FeatureSpec]) -> dict[str, FeatureSpec]:
        """Those of `specs`, raw or log, that this prior knows.

        Raises:
            ModelError: one that it knows by another unit, definition or floor, or one that is normalised already.
        """
        known = {name: spec for name, spec in specs.items() if name in self.features}
        for name, spec in known.items():
            expected = self.features[name].feature
            if spec.scale == "z":
                raise ModelError(f"{name} is a z-score already; normalise it once")
            if spec.on("log") != expected:
                raise ModelError(
                    f'{name} arrives as {spec} "{spec.definition}", floor {spec.floor}; the prior "{self.name}" is of '
                    f'{expected} "{expected.definition}", floor {expected.floor}; measure the same or estimate a prior'
                )
        return known
