"""Which features a turn table may hold: those of Antiphon by name, others as its sidecar file declares them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from antiphon import features
from antiphon.errors import InputError
from antiphon.features import FeatureSpec

KNOWN: Mapping[str, FeatureSpec] = {
    spec.name: spec for spec in vars(features).values() if isinstance(spec, FeatureSpec)
}
"""The features of `antiphon.features`; their names fix their units."""

SCHEMA = 1


def sidecar(table: Path) -> Path:
    """Where the features of a table are declared: ``NAME.features.json`` beside ``NAME.csv`` or ``NAME.parquet``."""
    return table.with_name(f"{table.stem}.features.json")


def read_declarations(table: Path) -> tuple[FeatureSpec, ...]:
    """The features that the table's sidecar file declares; none if there is no such file.

    Raises:
        InputError: the file is damaged, or it gives another meaning to a feature of Antiphon.
    """
    path = sidecar(table)
    if not path.exists():
        return ()
    try:
        content = json.loads(path.read_text("utf-8"))
        if content["schema"] != SCHEMA:
            raise ValueError(f"its schema is {content['schema']!r}, not {SCHEMA}")
        specs = tuple(_spec(name, entry) for name, entry in content["features"].items())
        check_declarations(specs)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        reason = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
        raise InputError(
            f"{path}: {reason}; declare features as "
            f'{{"schema": {SCHEMA}, "features": {{"NAME": {{"unit": "...", "definition": "...", "floor": null}}}}}}'
        ) from error
    return specs


def write_declarations(table: Path, specs: Iterable[FeatureSpec]) -> None:
    """Declare those of `specs` that are not Antiphon's beside the table; a sidecar that is not needed is removed."""
    foreign = [spec for spec in specs if spec.name not in KNOWN]
    if not foreign:
        sidecar(table).unlink(missing_ok=True)
        return
    entries = {s.name: {"unit": s.unit, "definition": s.definition, "floor": s.floor} for s in foreign}
    text = json.dumps({"schema": SCHEMA, "features": entries}, indent=2, ensure_ascii=False)
    sidecar(table).write_text(text + "\n", "utf-8")


def check_declarations(specs: Iterable[FeatureSpec]) -> None:
    """
    Raises:
        ValueError: a feature of Antiphon is declared with another meaning, or one is not on the raw scale.
    """
    for spec in specs:
        if spec.scale != "raw":
            raise ValueError(f"{spec.name} is on the scale {spec.scale}; turn tables hold raw values")
        if not KNOWN.get(spec.name, spec).fits(spec):
            raise ValueError(
                f'{spec.name} means "{KNOWN[spec.name].definition}" [{KNOWN[spec.name].unit}]; '
                "give another feature another name"
            )


def _spec(name: str, entry: Mapping[str, Any]) -> FeatureSpec:
    unit, definition, floor = entry["unit"], entry["definition"], entry.get("floor")
    if not (isinstance(unit, str) and isinstance(definition, str)):
        raise TypeError(f"unit and definition of {name} are texts")
    if floor is not None and not (isinstance(floor, int | float) and floor > 0):
        raise ValueError(f"the floor of {name} is {floor!r}, not a positive number or null")
    return FeatureSpec(name, unit, definition, floor=floor)
