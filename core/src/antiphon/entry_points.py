"""Finds the entry points of a group, without the cost of `importlib.metadata`.

Importing that takes as long as everything else that ``antiphon plugins`` does. So the folders on the path are read
here, without pathlib, which costs too, and only what is not a plain folder (archives, finders of embedded interpreters)
is left to it.
"""

# ruff: noqa: PTH113, PTH118, PTH119, PTH122, PTH123
from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

_METADATA = {".dist-info": "METADATA", ".egg-info": "PKG-INFO"}


class EntryPoint(NamedTuple):
    """A name that a distribution gives to one of its modules, ``package.module`` or ``package.module:object``."""

    name: str
    value: str
    distribution: str
    version: str

    def load(self) -> Any:
        """Import what the entry point names; raises whatever that raises."""
        module_name, _, attributes = self.value.partition(":")
        loaded: Any = importlib.import_module(module_name.strip())
        for attribute in filter(None, attributes.strip().split(".")):
            loaded = getattr(loaded, attribute)
        return loaded


def entry_points(group: str) -> list[EntryPoint]:
    """All entry points of a group; of a distribution that is on the path twice, the first one's."""
    if any(os.path.isfile(folder) for folder in sys.path) or any(map(_finds_distributions, sys.meta_path)):
        return _by_importlib(group)
    found: list[EntryPoint] = []
    seen: set[str] = set()
    for folder in sys.path:
        for info in _distributions(folder or "."):
            name = re.sub(r"[-_.]+", "-", _stem(info).partition("-")[0]).lower()
            if name not in seen:
                seen.add(name)
                found += _of_distribution(info, group)
    return found


def _distributions(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(e.path for e in entries if e.name.endswith(tuple(_METADATA)) and e.is_dir())
    except OSError:  # the path names folders that are not there
        return []


def _of_distribution(info: str, group: str) -> Iterator[EntryPoint]:
    try:
        with open(os.path.join(info, "entry_points.txt"), encoding="utf-8") as lines:
            text = lines.read()
    except (OSError, UnicodeDecodeError):  # none, or damaged
        return
    pairs = list(_pairs(text, group))
    if pairs:
        distribution, version = _name_and_version(info)
        for name, value in pairs:
            yield EntryPoint(name, value, distribution, version)


def _pairs(text: str, group: str) -> Iterator[tuple[str, str]]:
    section = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1].strip()
        elif section == group and "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            yield name.strip(), value.partition("[")[0].strip()  # [extras] are not checked, as importlib does


def _name_and_version(info: str) -> tuple[str, str]:
    """From the head of the metadata; from the folder's name where there are none."""
    name, _, version = _stem(info).partition("-")
    head = {"name": name, "version": version or "?"}
    try:
        with open(
            os.path.join(info, _METADATA[os.path.splitext(info)[1]]), encoding="utf-8", errors="replace"
        ) as lines:
            for line in lines:
                if not line.strip():
                    break  # the description follows
                key, _, value = line.partition(":")
                if key.lower() in head:
                    head[key.lower()] = value.strip()
    except OSError:
        pass
    return head["name"], head["version"]


def _stem(info: str) -> str:
    """``name-version`` of a folder of metadata; names of the folders of eggs may have no version."""
    return os.path.splitext(os.path.basename(info))[0]


def _finds_distributions(finder: Any) -> bool:
    """Whether an import hook that is not the interpreter's own may know of further distributions."""
    own = getattr(finder, "__module__", "").startswith(("_frozen_importlib", "importlib", "_distutils_hack"))
    return hasattr(finder, "find_distributions") and not own


def _by_importlib(group: str) -> list[EntryPoint]:
    import importlib.metadata

    return [
        EntryPoint(e.name, e.value, e.dist.name if e.dist else e.name, e.dist.version if e.dist else "?")
        for e in importlib.metadata.entry_points(group=group)
    ]
