"""The pages, opened in a browser: they draw, play, need no network and believe nothing that was said."""

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from antiphon.cli.main import main
from antiphon.payloads import Audio
from click.testing import CliRunner

pytest.importorskip("plotly", reason="needs the extra [report]")
pytest.importorskip("jinja2", reason="needs the extra [report]")

from antiphon_measure_entrainment.report.attention import attention_of, mean_attention
from antiphon_measure_entrainment.report.audio import flac, outline


def _helper(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


pages, recorded = _helper("browser"), _helper("recorded")

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> {{ 7 * 7 }} <b>bold</b> ' \" & \\ \u2028 %{y}"
LISTEN = """() => {
    window.started = [];
    const start = AudioBufferSourceNode.prototype.start;
    AudioBufferSourceNode.prototype.start = function (when, offset, duration) {
        started.push([offset, duration]);
        start.call(this, when, offset, duration);
    };
}"""
"""Notes what is played, which may be over before a busy machine looks."""
PARTIAL, NEUTRAL = recorded.profile("partial", ratio=0.5), recorded.profile("neutral")


@pytest.fixture(scope="module")
def browser():
    with pages.chromium() as found:
        yield found


def antiphon(*arguments):
    result = CliRunner().invoke(main, list(map(str, arguments)))
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture
def hostile(tmp_path):
    """A session in which everything that can be text is an attack, that was interrupted, failed, and was cut off."""
    turns = recorded.exchanges(4, 0.5, text=HOSTILE, attention=True)
    events = [
        {"at_s": 2.0, "kind": "barge_in", "text": HOSTILE},
        {"at_s": 3.0, "kind": "stage_failed", "error": HOSTILE, "policy": "skip"},
    ]
    folder = recorded.session(tmp_path / "s", PARTIAL, turns, events=events, finished=False)
    with (folder / "turns.jsonl").open("a") as file:
        file.write('{"turn": 4, "speaker": "us')  # as a kill leaves it
    data = (folder / "agent.wav").read_bytes()
    (folder / "agent.wav").write_bytes(data[: len(data) // 2 * 2 - 3001])
    return folder


def test_the_page_of_a_dialogue_is_whole_and_quotes_what_was_said(hostile):
    antiphon("report", hostile)
    text = (hostile / "report.html").read_text("utf-8")
    assert text.count("<script>alert") == 0
    assert "<img src=x" not in text
    assert "cut off" in text
    assert not re.search(
        r"""(?:src|href)=["'](?!#|data:)""", re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)
    )


def test_a_dialogue_is_played_turn_by_turn_in_a_browser(hostile, browser):
    antiphon("report", hostile, "-o", hostile / "page.html")
    with pages.opened(browser, hostile / "page.html") as opened:
        page = opened.page
        assert page.locator("article.turn").count() == 8
        assert page.locator("article .text").first.inner_text().startswith("</script><script>alert(1)")
        assert page.locator("#timeline-figure .scatterlayer .trace").count() >= 3
        assert page.locator("#attention-figure .heatmaplayer image").count() == 1
        page.evaluate(LISTEN)
        page.locator("article.agent .play").nth(1).click()
        opened.wait("started.length === 1")
        assert page.evaluate("started[0]") == [4.5, 1.0]
        assert page.evaluate("tracks.user.duration") == pytest.approx(12.0, abs=0.01)
        heard = page.evaluate(
            "Math.max(...tracks.agent.getChannelData(0).slice(4.6 * context.sampleRate, 5.0 * context.sampleRate))"
        )
        assert heard == pytest.approx(0.3, abs=0.02)
        opened.wait("figure.layout.shapes.at(-1).x0 > 4.5")
        page.locator("#stop").click()
        assert page.evaluate("playing") is None
        page.locator("#all").click()
        opened.wait("started.length === 3")
        page.locator("#stop").click()
        page.locator("article.agent details summary").first.click()
        assert "requested" in page.locator("article.agent details").first.inner_text()
        assert "barge in" in page.locator("#events").inner_text()
        assert page.locator("#events tr.bad").count() == 1
        assert opened.problems == []
        assert opened.requests == []


@pytest.mark.long
@pytest.mark.parametrize("turns", [[], recorded.exchanges(2, 0.0)[::2], recorded.exchanges(2, 0.0)])
def test_sessions_without_turns_agent_or_sound_have_a_page(tmp_path, turns, browser):
    folder = recorded.session(tmp_path / "s", NEUTRAL, turns, sound=False)
    antiphon("report", folder)
    assert "No sound was recorded." in (folder / "report.html").read_text("utf-8")
    with pages.opened(browser, folder / "report.html") as opened:
        assert opened.page.locator("article.turn").count() == len(turns)
        assert opened.problems == []


def test_a_folder_that_is_no_session_is_told(tmp_path):
    result = CliRunner().invoke(main, ["report", str(tmp_path)])
    assert result.exit_code == 1
    assert "is not a session folder" in result.output


@pytest.fixture
def study(tmp_path):
    """Sessions of two conditions, with attention, and hostile names of folders."""
    told = {"a<b>": (PARTIAL, 0.5), "b'\"&": (PARTIAL, 0.5), "c": (NEUTRAL, 0.0), "d": (NEUTRAL, 0.0)}
    return [
        recorded.session(
            tmp_path / name, profile, recorded.exchanges(14, slope, seed=n, text=HOSTILE, attention=True), sound=False
        )
        for n, (name, (profile, slope)) in enumerate(told.items())
    ]


MEASURES = [part for name in ("local_synchrony", "tama_synchrony", "self_proximity") for part in ("-m", name)]


def test_sessions_become_a_report_a_table_and_a_check(study, tmp_path):
    page, table, tex = (tmp_path / f"out.{suffix}" for suffix in ("html", "csv", "tex"))
    printed = antiphon("measure", *study, *MEASURES, "--permutations", 49, "-o", page, "-o", table, "-o", tex).output
    assert "manipulation check" in printed
    effects = pd.read_csv(table)
    assert list(dict.fromkeys(effects["group"])) == ["neutral", "partial 0.5"]
    check = pd.read_csv(tmp_path / "out.manipulation.csv").set_index(["strategy", "feature", "on"])
    assert check.loc[("partial 0.5", "pitch_mean", "user"), "slope"] == pytest.approx(0.5, abs=0.05)
    assert check.loc[("partial 0.5", "pitch_mean", "user"), "promised"] == 0.5
    assert check.loc[("neutral", "pitch_mean", "user"), "promised"] == 0.0
    assert "partial 0.5" in tex.read_text()
    text = page.read_text("utf-8")
    assert "<script>alert" not in text
    assert text.count("plotly.js v") <= 1


@pytest.mark.long
def test_a_report_is_drawn_in_a_browser(study, tmp_path, browser):
    page, table = tmp_path / "out.html", tmp_path / "out.csv"
    antiphon("measure", *study, *MEASURES, "--permutations", 49, "-o", page, "-o", table)
    with pages.opened(browser, page) as opened:
        drawn = opened.page.locator(".plotly-graph-div")
        names = drawn.evaluate_all("figures => figures.map(figure => figure.id)")
        assert names == [
            "effect-sizes",
            "manipulation-check",
            "turns-figure",
            "synchrony-figure",
            "nulls-figure",
            "attention-figure",
        ]
        for name in names:
            assert opened.page.locator(f"#{name} .main-svg").first.bounding_box()["height"] > 100
        assert opened.page.locator("#turns-figure .scatterlayer .trace .point").count() > 20
        assert opened.page.locator("#nulls-figure .barlayer .point").count() > 20
        opened.page.locator("#turns-figure .updatemenu-header").click()
        opened.page.locator("#turns-figure .updatemenu-dropdown-button").last.click()
        assert opened.page.locator("#table tbody tr").count() == len(pd.read_csv(table))
        assert opened.problems == []
        assert opened.requests == []


@pytest.mark.long
def test_a_report_of_nothing_computable_says_why(tmp_path, browser):
    folder = recorded.session(tmp_path / "s", NEUTRAL, recorded.exchanges(2, 0.0)[::2], sound=False)
    printed = antiphon("measure", folder, "--permutations", 19, "-o", tmp_path / "out.html").output
    assert "not computable" in printed
    with pages.opened(browser, tmp_path / "out.html") as opened:
        assert "not computable" in opened.page.locator("#table").inner_text()
        assert opened.problems == []


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex to set the table")
def test_the_table_is_set_by_latex(study, tmp_path):
    tex = tmp_path / "table.tex"
    antiphon("measure", *study, "-m", "local_synchrony", "-m", "self_proximity", "--permutations", 19, "-o", tex)
    text = tex.read_text("utf-8")
    assert r"\toprule" in text
    assert "not computable" in text
    preamble = r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage{booktabs,longtable}"
    (tmp_path / "page.tex").write_text(f"{preamble}\\begin{{document}}\\input{{table.tex}}\\end{{document}}", "utf-8")
    setting = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    process = subprocess.run(setting, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout[-2000:]


def test_attention_is_the_mean_of_a_matrix_and_of_sessions():
    turns = recorded.exchanges(3, 0.5, attention=True)
    weights = attention_of(turns)
    assert weights.shape == (3, 5)
    np.testing.assert_allclose(np.nansum(weights, axis=1), 1.0)
    assert np.isnan(weights[0, 1:]).all()
    np.testing.assert_array_equal(mean_attention([weights, weights]), weights)
    for odd in ({}, {"attention": []}, {"attention": [1.0]}, {"attention": [["a"]]}, "text"):
        turns[1].extras.clear()
        turns[1].extras["strategy"] = odd
        assert attention_of(turns[:2]) is None


def test_sound_is_kept_without_loss_and_outlined():
    samples = np.round(np.sin(np.arange(16_000) / 9) * 20_000) / 32768
    audio = Audio(samples, 16_000)
    times, peaks = outline(audio, 100)
    assert len(times) == len(peaks) == 100
    np.testing.assert_allclose(peaks, 20_000 / 32768, atol=1e-3)
    assert 0 < times[0] < times[-1] < 1
    import base64
    import io

    import soundfile

    back, rate = soundfile.read(io.BytesIO(base64.b64decode(flac(audio))))
    assert rate == 16_000
    np.testing.assert_array_equal(back, audio.samples)


@pytest.mark.long
def test_power_curves_are_drawn(tmp_path, browser):
    small = ("--effect", "0.3,0.6", "--dyads", "3,6", "--exchanges", "8,16", "--simulations", 10, "--permutations", 19)
    antiphon("measure", "power", *small, "-o", tmp_path / "power.html")
    with pages.opened(browser, tmp_path / "power.html") as opened:
        assert opened.page.locator("#power-figure .scatterlayer .trace .point").count() == 8
        assert opened.page.locator("#table tbody tr").count() == 8
        assert opened.problems == []
        assert opened.requests == []
