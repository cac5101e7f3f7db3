"""The page of one recorded dialogue: its sound, turn by turn, with what was heard, asked for, told and realised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from antiphon.features import PROSODY
from antiphon.payloads import Audio
from antiphon.recording.reader import Recording, read_recording
from antiphon.recording.records import TurnRecord
from antiphon_corpus.declarations import KNOWN
from plotly.graph_objects import Figure, Scatter
from plotly.subplots import make_subplots

from antiphon_measure_entrainment.agents.conditions import condition
from antiphon_measure_entrainment.report.attention import attention_of
from antiphon_measure_entrainment.report.audio import flac, outline, tracks
from antiphon_measure_entrainment.report.conversations import attention_figure
from antiphon_measure_entrainment.report.page import drawn, render
from antiphon_measure_entrainment.report.style import FIRST, INK, SECOND, styled, with_unit

COLOURS = {"user": FIRST, "agent": SECOND}
POINTS = 6000
"""Of a track's outline on the time line."""
THUMBNAIL = 90
"""Bars of a turn's own outline."""
ROUTINE = frozenset(
    {"listening", "listened", "speech_started", "speech_ended", "partial", "partial_reply", "speaking", "turn"}
)
"""Kinds of events that every turn has; the others are what a reader looks for."""


def dialogue_page(folder: Path) -> str:
    """A self-contained HTML page of a session, complete or cut off.

    Raises:
        RecordingError: the folder is no session, or a damaged one.
    """
    recording = read_recording(folder)
    sound = tracks(folder)
    remarkable = [event for event in recording.events if event["kind"] not in ROUTINE]
    attention = attention_of(recording.turns)
    return render(
        "dialogue.html.j2",
        title=folder.resolve().name,
        summary=_summary(recording, sound),
        complete=recording.complete,
        sound={speaker: flac(audio) for speaker, audio in sound.items()},
        timeline=drawn(timeline(recording.turns, sound, remarkable), "timeline-figure"),
        features=drawn(features_figure(recording.turns), "features-figure") if _measured(recording.turns) else None,
        attention=None if attention is None else drawn(attention_figure(attention), "attention-figure"),
        turns=[_turn(turn, sound.get(turn.speaker)) for turn in recording.turns],
        events=[_event(event) for event in remarkable],
    )


def timeline(turns: Sequence[TurnRecord], sound: Mapping[str, Audio], events: Sequence[Mapping[str, Any]]) -> Figure:
    """Both tracks over time, the user's above and the agent's below, the turns shaded, what happened marked."""
    figure = Figure()
    for speaker, sign in (("user", 1.0), ("agent", -1.0)):
        if speaker in sound:
            times, peaks = outline(sound[speaker], POINTS)
            figure.add_trace(
                Scatter(
                    x=times,
                    y=sign * (0.04 + peaks / max(float(peaks.max(initial=0.0)), 1e-3)),
                    fill="tozeroy",
                    mode="lines",
                    line={"color": COLOURS[speaker], "width": 0.5},
                    name=speaker,
                    hoverinfo="skip",
                )
            )
    for turn in turns:
        if turn.end_s > turn.start_s:
            low, high = (0.0, 1.25) if turn.speaker == "user" else (-1.25, 0.0)
            figure.add_shape(
                type="rect",
                x0=turn.start_s,
                x1=turn.end_s,
                y0=low,
                y1=high,
                layer="below",
                line_width=0,
                fillcolor=COLOURS[turn.speaker],
                opacity=0.10,
            )
    marks = [event for event in events if event["kind"] not in ("session_started", "session_finished")]
    if marks:
        figure.add_trace(
            Scatter(
                x=[event["at_s"] for event in marks],
                y=[1.42] * len(marks),
                mode="markers",
                name="events",
                marker={"symbol": "triangle-down", "size": 11, "color": INK},
                customdata=[escape(_event(event)["text"]) for event in marks],
                hovertemplate="%{x:.2f} s: %{customdata}<extra></extra>",
            )
        )
    end_s = max([turn.end_s for turn in turns] + [audio.duration_s for audio in sound.values()], default=1.0)
    figure.add_shape(type="line", x0=0, x1=0, y0=-1.25, y1=1.25, line={"color": INK, "width": 1.5}, name="cursor")
    figure.update_yaxes(visible=False, range=[-1.3, 1.6], fixedrange=True)
    figure.update_xaxes(title="time [s]", range=[0, end_s])
    return styled(figure, height=250, margin={"l": 10, "r": 10, "t": 36, "b": 48}, dragmode="pan")


def features_figure(turns: Sequence[TurnRecord]) -> Figure:
    """Features over the exchanges: the user's, what the agent's voice was told (planned), and what was heard of it."""
    names = _measured(turns)
    figure = make_subplots(len(names), 1, shared_xaxes=True, vertical_spacing=0.03)
    for row, name in enumerate(names, 1):
        for number, (label, points, look) in enumerate(_curves(turns, name)):
            if points:
                x, y = zip(*points, strict=True)
                figure.add_trace(
                    Scatter(
                        x=x,
                        y=y,
                        name=label,
                        legendgroup=label,
                        legendrank=number,
                        hovertemplate="%{y:.4g}<extra>" + label + "</extra>",
                        showlegend=not any(trace.name == label for trace in figure.data),
                        **look,
                    ),
                    row,
                    1,
                )
        title = with_unit(name, KNOWN[name].unit).replace(" [", "<br>[")
        figure.update_yaxes(title={"text": title, "font": {"size": 13}}, row=row, col=1)
    figure.update_xaxes(title="exchange", row=len(names), col=1)
    figure.update_xaxes(dtick=1 if len(turns) < 60 else None)
    return styled(figure, height=120 + 130 * len(names), margin={"l": 90, "r": 24, "t": 50, "b": 56})


Curve = tuple[str, list[tuple[int, float]], dict[str, Any]]


def _curves(turns: Sequence[TurnRecord], name: str) -> Iterator[Curve]:
    for speaker, label in (("user", "user"), ("agent", "agent, realised")):
        points = [
            (turn.turn, turn.features[name].value)
            for turn in turns
            if turn.speaker == speaker and name in turn.features and turn.features[name].value is not None
        ]
        line = {"mode": "lines+markers", "line": {"color": COLOURS[speaker], "width": 2}, "marker": {"size": 8}}
        yield label, points, line  # type: ignore[misc]
    told = [(turn.turn, turn.controls[name]) for turn in turns if name in turn.controls]
    cross = {"mode": "markers", "marker": {"symbol": "x-thin", "size": 10, "line": {"width": 2, "color": INK}}}
    yield "agent, planned", told, cross


def _measured(turns: Sequence[TurnRecord]) -> list[str]:
    return [
        spec.name
        for spec in PROSODY
        if any(spec.name in t.features and t.features[spec.name].value is not None for t in turns)
    ]


def _summary(recording: Recording, sound: Mapping[str, Audio]) -> list[tuple[str, str]]:
    started = next((event for event in recording.events if event["kind"] == "session_started"), {})
    responses = [turn.latency_ms["response"] for turn in recording.turns if "response" in turn.latency_ms]
    facts = [
        ("strategy", condition(recording.folder).name),
        ("turns", str(len(recording.turns))),
        (
            "length",
            f"{max([t.end_s for t in recording.turns] + [a.duration_s for a in sound.values()], default=0.0):.1f} s",
        ),
        ("started", str(started.get("started", ""))[:19].replace("T", " ")),
        ("median response", f"{np.median(responses):.0f} ms" if responses else ""),
        ("interrupted", str(sum(turn.interrupted for turn in recording.turns) or "")),
    ]
    return [(name, value) for name, value in facts if value]


def _turn(turn: TurnRecord, audio: Audio | None) -> dict[str, Any]:
    names = list(dict.fromkeys([*turn.features, *turn.target, *turn.controls]))
    order = {spec.name: place for place, spec in enumerate(PROSODY)}
    names.sort(key=lambda name: order.get(name, len(order)))
    spoken = audio is not None and turn.end_s > turn.start_s
    return {
        "turn": turn.turn,
        "speaker": turn.speaker,
        "start": turn.start_s,
        "end": turn.end_s,
        "text": turn.text,
        "interrupted": turn.interrupted,
        "playable": spoken,
        "bars": _bars(turn, audio) if audio is not None and spoken else [],
        "features": [_feature(turn, name) for name in names],
        "told": bool(turn.target or turn.controls),
        "latencies": [(name.replace("_", " "), f"{value:.0f}") for name, value in turn.latency_ms.items()],
        "notes": [(str(key), _note(value)) for key, value in turn.extras.items()],
    }


def _feature(turn: TurnRecord, name: str) -> dict[str, str]:
    measurement, normalised = turn.features.get(name), turn.normalised.get(name)
    unit = KNOWN[name].unit if name in KNOWN else ""
    return {
        "name": name.replace("_", " "),
        "unit": unit,
        "measured": _number(None if measurement is None else measurement.value),
        "missing": "" if measurement is None or measurement.value is not None else str(measurement.reason),
        "z": _number(None if normalised is None else normalised.value, signed=True),
        "requested": _number(turn.target.get(name), signed=True),
        "planned": _number(turn.controls.get(name)),
    }


def _bars(turn: TurnRecord, audio: Audio) -> list[float]:
    """Heights, 0 to 1, of the turn's own outline."""
    first, last = (round(second * audio.sample_rate) for second in (turn.start_s, turn.end_s))
    _, peaks = outline(audio.between(audio.start_sample + first, audio.start_sample + last), THUMBNAIL)
    return [round(float(peak), 3) for peak in peaks / max(float(peaks.max(initial=0.0)), 1e-3)]


def _event(event: Mapping[str, Any]) -> dict[str, str]:
    details = {key: value for key, value in event.items() if key not in ("at_s", "kind", "wall_s")}
    text = event["kind"].replace("_", " ")
    told = ", ".join(f"{key.replace('_', ' ')}: {_note(value)}" for key, value in details.items())
    bad = "failed" in event["kind"] or "error" in details
    return {"at": f"{event['at_s']:.2f}", "text": f"{text}: {told}" if told else text, "class": "bad" if bad else ""}


def _note(value: object) -> str:
    """Short: matrices and long texts are looked up in the recording."""
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 240 else f"{text[:237]}..."


def _number(value: float | None, *, signed: bool = False) -> str:
    return "" if value is None else f"{value:+.2f}" if signed else f"{value:.4g}"
