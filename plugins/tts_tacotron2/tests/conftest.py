"""A tiny corpus that speaks, and a tiny model."""

from __future__ import annotations

import contextlib
import wave
from pathlib import Path

import numpy as np
import pytest

with contextlib.suppress(ImportError):
    import torch

    torch.set_num_threads(1)  # tiny tensors: several threads would only wait for one another

TEXTS = ("Birds sang.", "More tea?", "One moment!", "Nobody came.", "We shall see.", "A tall man.")


def write_wave(path: Path, samples: np.ndarray, sample_rate: int = 22_050) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


@pytest.fixture(scope="session")
def spoken_corpus(tmp_path_factory) -> Path:
    """Six phrases by eSpeak NG, the first of them in two takes."""
    pytest.importorskip("antiphon_features_praat")
    pytest.importorskip("antiphon_asr_sphinx")
    espeak = pytest.importorskip("antiphon_tts_espeak.synthesizer")
    from antiphon.payloads import SpeechRequest
    from antiphon.speaking import speak_all
    from antiphon.stages import Setup
    from antiphon_tts_espeak.options import EspeakOptions

    folder = tmp_path_factory.mktemp("corpus")
    component = espeak.Espeak(EspeakOptions(), Setup())
    session = component.session(0)
    lines = []
    for number, text in enumerate((TEXTS[0], *TEXTS)):
        audio = speak_all(session, SpeechRequest(text, {"pitch_mean": 90.0 + 10.0 * number}))
        write_wave(folder / "wavs" / f"u{number}.wav", audio.samples, audio.sample_rate)
        lines.append(f"u{number}|{text}")
    component.close()
    (folder / "metadata.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


@pytest.fixture(scope="session")
def prepared_folder(spoken_corpus, tmp_path_factory) -> Path:
    """The tiny corpus prepared, with one variant of each recording."""
    from antiphon_tts_tacotron2.preparation.prepare import Preparation, prepare

    folder = tmp_path_factory.mktemp("prepared")
    prepare(spoken_corpus, folder, Preparation(variants=1), 1, lambda done, total: None)
    return folder


@pytest.fixture(scope="session")
def tiny_toml(tmp_path_factory) -> Path:
    """A configuration of a model that takes milliseconds."""
    path = tmp_path_factory.mktemp("config") / "tiny.toml"
    path.write_text(
        """
        [model]
        reduction = 3
        controls_into = ["memory", "attention", "decoder"]
        causal_prior = true
        embedding = 16
        encoder_layers = 1
        encoder_kernel = 3
        prenet = 8
        attention_lstm = 16
        attention = 8
        location_filters = 2
        location_kernel = 5
        decoder_lstm = 16
        postnet = 8
        postnet_layers = 2
        postnet_kernel = 3
        dropout = 0.1
        prenet_dropout = 0.5
        lstm_dropout = 0.1

        [training]
        steps = 6
        batch = 2
        learning_rate = 3e-3
        warm_up_steps = 1
        """,
        "utf-8",
    )
    return path
