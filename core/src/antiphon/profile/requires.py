"""Checks the ``[requires]`` table against the installed distributions."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping

from packaging.specifiers import InvalidSpecifier, SpecifierSet

import antiphon
from antiphon.profile.problems import Problems


def check_requires(requires: Mapping[str, str], problems: Problems) -> None:
    """Note every distribution that is missing or of another version than the profile asks for."""
    for distribution, written in requires.items():
        path = ("requires", distribution)
        try:
            specifier = SpecifierSet(written)
        except InvalidSpecifier:
            problems.add(path, f'"{written}" is not a version specifier; write for example ">=0.1,<1"')
            continue
        version = _installed(distribution)
        if version is None:
            problems.add(path, f"is not installed; pip install '{distribution}{written}'")
        elif not specifier.contains(version, prereleases=True):
            problems.add(path, f"version {version} is installed; pip install '{distribution}{written}'")


def _installed(distribution: str) -> str | None:
    if distribution == "antiphon":
        return antiphon.__version__
    try:
        return importlib.metadata.version(distribution)
    except (importlib.metadata.PackageNotFoundError, ValueError):  # ValueError: an empty name
        return None
