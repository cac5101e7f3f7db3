"""Runs the benchmarks one after the other."""

from __future__ import annotations

import importlib
import os
import platform
import time
from collections.abc import Mapping
from pathlib import Path

import click
from rich.console import Console

from benchmarks.common import DATA, NoData, Report, Settings, show
from benchmarks.page import page

NAMES = ("startup", "transport", "sessions", "features", "recognizer", "response", "corpus_import", "measures")


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(NAMES), metavar="[NAMES]...")
@click.option("--data", type=click.Path(path_type=Path), default=DATA, show_default=True, help="Folder of the corpora.")
@click.option("--quick", is_flag=True, help="Measure less, to be done sooner.")
@click.option("--markdown", type=click.Path(path_type=Path), help="Also write the tables to this page.")
def main(names: tuple[str, ...], data: Path, quick: bool, markdown: Path | None) -> None:
    """Measure speed and memory, all benchmarks or those of NAMES: startup, transport, sessions, features, recognizer,
    response, corpus_import, measures."""
    console = Console()
    machine = describe_machine()
    console.print(machine)
    reports: dict[str, Report | NoData] = {}
    for name in names or NAMES:
        started = time.perf_counter()
        try:
            reports[name] = report = importlib.import_module(f"benchmarks.{name}").run(Settings(data, quick))
        except NoData as missing:
            reports[name] = missing
            console.print(f"\n[bold]{name}[/] skipped: {missing}")
        else:
            console.print()
            show(console, report)
            console.print(f"{name}: {time.perf_counter() - started:.0f} s", style="dim")
    console.print(f"\n{summary(reports)}")
    if markdown is not None:
        markdown.parent.mkdir(parents=True, exist_ok=True)
        markdown.write_text(page(machine, reports), encoding="utf-8")


def describe_machine() -> str:
    """What the figures depend on; says so where other programs keep the machine busy."""
    system = platform.system()
    if system == "Linux":
        system = platform.freedesktop_os_release().get("PRETTY_NAME", system)
    cores = os.cpu_count() or 1
    text = f"{cores} cores, {system}, Python {platform.python_version()}"
    load = os.getloadavg()[0]
    if load > cores / 2:
        text += f"; busy with other work (load {load:.0f}), so times are longer than on a quiet machine"
    return text


def summary(reports: Mapping[str, Report | NoData]) -> str:
    """How many targets are met, and which are not."""
    judged = [
        (name, line)
        for name, report in reports.items()
        if isinstance(report, Report)
        for line in report.figures
        if line.met is not None
    ]
    missed = [f"  {name}: {line.what}: {line.measured}, {line.target}" for name, line in judged if not line.met]
    skipped = [name for name, report in reports.items() if isinstance(report, NoData)]
    lines = [f"{len(judged) - len(missed)} of {len(judged)} targets met{':' if missed else '.'}"]
    if missed:
        lines[0] = f"{len(judged) - len(missed)} of {len(judged)} targets met; missed:"
    if skipped:
        missed.append(f"Skipped: {', '.join(skipped)}.")
    return "\n".join([*lines, *missed])


if __name__ == "__main__":
    main()
