"""Finds the models that come with SpeechRecognition and pocketsphinx, and opens decoders."""

from __future__ import annotations

import importlib.util
import logging
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from antiphon.errors import ModelError
from pocketsphinx import Config, Decoder, set_loglevel

from antiphon_asr_sphinx.options import RecognizerOptions

logger = logging.getLogger(__name__)

LOOKAHEAD_FRAMES = 1
"""The search runs so far behind the audio, and must catch up after the end of speech; Sphinx's own value is 5."""

WORDS_PER_FRAME = 20
"""Words that may end in a frame; it keeps the lattice small, whose best path is sought after the end of speech."""

SECOND_WINDOW_FRAMES = 15
"""The second search looks for a word so far around where the first one found it; Sphinx's own value is 25. It is faster
by a sixth on average, by two thirds where it takes longest, and no more words are wrong."""

MOST_WARNINGS = 5
_ERROR = re.compile(r'ERROR: (?:"[^"]*", line \d+: )?')


def us_english() -> tuple[Path, Path, Path]:
    """Acoustic model, dictionary and language model that SpeechRecognition ships."""
    spec = importlib.util.find_spec("speech_recognition")
    if spec is None or spec.origin is None:
        raise ModelError("the package SpeechRecognition, which carries the US English model, is not installed")
    folder = Path(spec.origin).parent / "pocketsphinx-data" / "en-US"
    return folder / "acoustic-model", folder / "pronounciation-dictionary.dict", folder / "language-model.lm.bin"


def open_decoder(options: RecognizerOptions) -> Decoder:
    """A decoder with everything loaded (about half a second).

    Raises:
        ModelError: Sphinx cannot read a model, the dictionary or the grammar; with Sphinx's own words.
    """
    acoustic, dictionary, language = us_english()
    settings: dict[str, Any] = {
        "hmm": str(options.model or acoustic),
        "dict": str(options.dictionary or dictionary),
        "lm": str(options.language_model or language),
        **search_settings(options),
    }
    if options.grammar is not None:
        settings |= {"lm": None, "jsgf": str(options.grammar)}
    given = {name: getattr(options, name) for name in ("model", "dictionary", "language_model", "grammar")}
    files = ", ".join(f"{name} {path}" for name, path in given.items() if path) or "the US English model"
    return _open_quietly(settings, files)


def search_settings(options: RecognizerOptions) -> dict[str, Any]:
    """How Sphinx searches for the words.

    One search while the user speaks, perhaps a second one over its words (``fwdflat``), then the best path through the
    word lattice, which also gives the posteriors.
    """
    return {
        "fwdflat": options.searches_twice,
        "fwdflatsfwin": SECOND_WINDOW_FRAMES,
        "bestpath": True,
        "maxhmmpf": options.max_active_states,
        "maxwpf": WORDS_PER_FRAME,
        "pl_window": LOOKAHEAD_FRAMES,
    }


def _open_quietly(settings: Mapping[str, Any], files: str) -> Decoder:
    """Sphinx writes what is wrong to its log, by default the terminal; here it becomes an error or a warning."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        log = Path(folder) / "sphinx.log"
        try:
            decoder = Decoder(Config(**settings, loglevel="ERROR", logfn=str(log)))
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"Sphinx cannot use {files}: {'; '.join(_errors(log)) or error}") from error
        finally:
            set_loglevel("FATAL")
        for message in _errors(log)[:MOST_WARNINGS]:
            logger.warning("%s: %s", files, message)
        return decoder


def _errors(log: Path) -> list[str]:
    written = log.read_text("utf-8", "replace") if log.exists() else ""
    return [line[found.end() :] for line in written.splitlines() if (found := _ERROR.match(line))]
