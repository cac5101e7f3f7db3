"""What a recording says about the software and the models it was made with."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from antiphon import __version__
from antiphon.discovery import Plugins
from antiphon.options import Selection
from antiphon.profile import Profile, StageConfig


def describe_environment(profile: Profile, plugins: Plugins) -> dict[str, Any]:
    """Versions, plugins, what the measured features mean, and the SHA-256 of every file that the profile names."""
    return {
        "antiphon": __version__,
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "packages": {d.name: d.version for d in importlib.metadata.distributions() if d.name},
        "plugins": [
            {"stage": r.stage, "name": r.provider.name, "distribution": r.distribution, "version": r.version}
            for r in plugins.registered()
        ],
        "features": [attrs.asdict(spec) for spec in profile.flow.extracted.values()],
        "broken_plugins": [attrs.asdict(broken) for broken in plugins.broken],
        "files": {str(path): file_hash(path) for path in sorted(set(_files(profile)))},
        "sources": {str(path): file_hash(path) for path in profile.sources},
    }


def file_hash(path: Path) -> str:
    """SHA-256 of a file, or of the names and contents of all files of a folder."""
    digest = hashlib.sha256()
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    for file in files:
        if path.is_dir():
            digest.update(file.relative_to(path).as_posix().encode())
        with file.open("rb") as content:
            while block := content.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _files(profile: Profile) -> Iterator[Path]:
    configs = [value for value in attrs.asdict(profile, recurse=False).values() if isinstance(value, StageConfig)]
    for config in (*configs, *profile.features, *profile.transform):
        yield from _paths(config.selection)


def _paths(value: Any) -> Iterator[Path]:
    """The paths that exist among option values, nested ones too."""
    if isinstance(value, Path):
        if value.exists() and value.stat().st_size:
            yield value
    elif isinstance(value, Selection):
        yield from _paths(value.options)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _paths(item)
    elif attrs.has(type(value)):
        for attribute in attrs.fields(type(value)):
            yield from _paths(getattr(value, attribute.name))
