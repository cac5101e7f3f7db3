"""The reports as a page of the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from benchmarks.common import NoData, Report

HEAD = """\
# How fast the engine is

Measured by `make bench`, or `python -m benchmarks --markdown docs/results/engine.md`, which wrote this page. \
Ratios compare things that took turns on the same machine; times depend on it.
"""


def page(machine: str, reports: Mapping[str, Report | NoData]) -> str:
    """Markdown, one table a benchmark."""
    return "\n".join(
        [HEAD, f"Machine: {machine}.", *(line for item in reports.items() for line in _section(*item)), ""]
    )


def _section(name: str, report: Report | NoData) -> Iterator[str]:
    if isinstance(report, NoData):
        yield from ("", f"## {name}", "", "Not measured: the real speech that it needs was not there.")
        return
    yield from ("", f"## {report.title}", "", f"`python -m benchmarks {name}`", "")
    yield from ("| What | Measured | Target | Met |", "| --- | ---: | ---: | --- |")
    for line in report.figures:
        met = {None: "", True: "yes", False: "**no**"}[line.met]
        yield f"| {line.what} | {line.measured} | {line.target} | {met} |"
    for note in report.notes:
        yield from ("", note)
