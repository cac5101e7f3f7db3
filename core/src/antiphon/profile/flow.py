"""Follows the features of a profile from stage to stage; whatever does not fit becomes a problem."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from antiphon.discovery import Plugins
from antiphon.errors import PipelineError
from antiphon.features import FeatureSpec
from antiphon.options import Selection
from antiphon.profile.locate import KeyPath
from antiphon.profile.model import StageConfig, TransformConfig
from antiphon.profile.problems import Problems

Specs = Mapping[str, FeatureSpec]


class FlowCheck:
    """Follows the features through one profile; whatever does not fit becomes a problem.

    A step that cannot be followed leaves nothing to the steps behind it, which are then not checked.
    """

    def __init__(self, plugins: Plugins, problems: Problems) -> None:
        self.plugins = plugins
        self.problems = problems

    def extracted(self, extractors: Sequence[StageConfig]) -> Specs:
        """What the extractors measure, each reading what those before it have written."""
        specs: dict[str, FeatureSpec] = {}
        writers: dict[str, str] = {}
        for index, extractor in enumerate(extractors):
            path: KeyPath = ("features", index)
            chosen = extractor.selection
            self.check_reads(chosen, path, [specs], "no extractor before it writes it")
            for spec in self.ask(path, chosen, chosen.provider.writes_with, chosen.options) or ():
                if spec.name in specs:
                    self.problems.add(
                        path,
                        f'"{chosen.name}" measures {spec.name}, and so does "{writers[spec.name]}" before it; '
                        "use one of them",
                    )
                specs[spec.name] = spec
                writers[spec.name] = chosen.name
        return specs

    def converted(self, config: StageConfig, path: KeyPath, specs: Specs) -> Specs | None:
        """What a normaliser or transform makes of features; None where it cannot take them."""
        chosen = config.selection
        self.check_reads(chosen, path, [specs], "it does not arrive there")
        result = self._convert(chosen, path, specs)
        for policy_name in ("on_error", "on_timeout"):
            fallback = getattr(config, policy_name).fallback
            other = self._convert(fallback, (*path, policy_name), specs) if fallback and result is not None else None
            for name in (result or {}).keys() & (other or {}).keys():
                if not result[name].fits(other[name]):  # type: ignore[index]
                    self.problems.add(
                        (*path, policy_name),
                        f'"{fallback.name}" makes {other[name]} of what "{chosen.name}" makes {result[name]}; '  # type: ignore[index]
                        "use a fallback that gives the same",
                    )
        return result

    def through(
        self, transforms: Iterable[tuple[int, TransformConfig]], specs: Specs | None, before: dict[int, Specs]
    ) -> Specs | None:
        """What a chain of transforms makes of features; ``before`` gets what reaches each of them."""
        for index, transform in transforms:
            if specs is None:
                return None
            before[index] = specs
            specs = self.converted(transform, ("transform", index), specs)
        return specs

    def check_reads(self, chosen: Selection, path: KeyPath, offers: Sequence[Specs], lack: str) -> None:
        """Everything an implementation reads is in one of the ``offers``, with the same meaning."""
        for spec in self.ask(path, chosen, chosen.provider.reads_with, chosen.options) or ():
            found = [offer[spec.name] for offer in offers if spec.name in offer]
            if not found:
                self.problems.add(path, f'"{chosen.name}" reads {spec.name}, but {lack}; {self._who_writes(spec.name)}')
            elif not any(spec.fits(offered) for offered in found):
                self.problems.add(
                    path, f'"{chosen.name}" reads {_meaning(spec)}, but what arrives is {_meaning(found[0])}'
                )

    def ask(self, path: KeyPath, chosen: Selection, method: Callable[..., Any], *arguments: Any) -> Any:
        """What a plugin's static answer is; None where it fails, which is a problem."""
        try:
            return method(*arguments)
        except PipelineError as error:
            self.problems.add(path, str(error))
        except Exception as error:  # a plugin may fail in any way; the check goes on
            self.problems.add(path, f'"{chosen.name}" cannot be checked: {type(error).__name__}: {error}')
        return None

    def _convert(self, chosen: Selection, path: KeyPath, specs: Specs) -> Specs | None:
        convert = getattr(chosen.options, "convert", None)
        if convert is None:
            return specs
        result = self.ask(path, chosen, convert, dict(specs))
        return None if result is None else dict(result)

    def _who_writes(self, feature: str) -> str:
        writers = [
            r.provider.name
            for r in self.plugins.registered("features")
            if feature in {s.name for s in r.provider.writes}
        ]
        return f'add [[features]] use = "{writers[0]}" before it' if writers else "add an extractor that measures it"


def _meaning(spec: FeatureSpec) -> str:
    return f"{spec} ({spec.definition})"
