"""A class in a file beside the profile, ``use = "./my_strategy.py:MyStrategy"``, as if a plugin had registered it."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any, get_args

import attrs

from antiphon.errors import PluginBroken
from antiphon.provider import Provider, load


def is_one_off(use: str) -> bool:
    """Whether a ``use`` names a class in a file."""
    return use.rpartition(":")[0].endswith(".py")


def one_off(use: str, folder: Path) -> tuple[Provider, Path]:
    """The provider of a class in a file, and the file.

    The class may have the attributes ``reads``, ``writes`` and ``capabilities`` of a `Provider`. Its options class is
    the one that ``Component[Options]`` names, or ``__init__(self, options: Options, setup)``, or an attribute
    ``options = "other_file.py:Options"`` or ``options = "package.module:Options"``.

    Raises:
        PluginBroken: there is no such file or class, or the file cannot be run.
    """
    file_name, _, class_name = use.rpartition(":")
    path = Path(folder, Path(file_name).expanduser()).resolve()
    if not path.is_file():
        raise PluginBroken(f"there is no file {path}; write ./file.py:Class, relative to this file")
    reference = f"{path}:{class_name}"
    implementation = load(reference, use)
    if not isinstance(implementation, type):
        raise PluginBroken(f"{use}: {class_name} is not a class; write the name of the component class")
    provider = Provider(
        name=reference,
        summary=(inspect.getdoc(implementation) or class_name).partition("\n")[0],
        factory=reference,
        options=_options_reference(implementation, path),
        reads=getattr(implementation, "reads", ()),
        writes=getattr(implementation, "writes", ()),
        capabilities=getattr(implementation, "capabilities", ()),
    )
    return provider, path


def _options_reference(implementation: type, path: Path) -> str:
    declared = getattr(implementation, "options", None)
    if isinstance(declared, str):
        module, _, name = declared.rpartition(":")
        return f"{(path.parent / module).resolve()}:{name}" if module.endswith(".py") else declared
    options_class = _options_class(implementation)
    if options_class is None:
        return "antiphon.options:NoOptions"
    in_file = options_class.__module__ == implementation.__module__
    return f"{path if in_file else options_class.__module__}:{options_class.__qualname__}"


def _options_class(implementation: type) -> Any:
    arguments = [a for base in getattr(implementation, "__orig_bases__", ()) for a in get_args(base)]
    try:
        signature = inspect.signature(implementation.__init__, eval_str=True)  # type: ignore[misc]
        arguments += [p.annotation for name, p in signature.parameters.items() if name == "options"]
    except (NameError, TypeError, ValueError):  # annotations that only a type checker can read name no options
        pass
    return next((a for a in arguments if isinstance(a, type) and attrs.has(a)), None)
