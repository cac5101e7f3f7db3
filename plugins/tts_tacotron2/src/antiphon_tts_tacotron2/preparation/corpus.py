"""Corpora as folders of the LJ Speech kind: ``metadata.csv`` with lines ``id|text`` and audio files named by id."""

from __future__ import annotations

from pathlib import Path

from antiphon.errors import InputError
from attrs import frozen

AUDIO_FOLDERS = ("wavs", "wav", "audio", ".")
SUFFIXES = (".flac", ".wav", ".ogg", ".mp3", ".aiff")


@frozen
class Recording:
    """An utterance of a corpus; ``path`` is None where there is no audio file."""

    id: str
    text: str
    path: Path | None


def read_corpus(folder: Path) -> list[Recording]:
    """The recordings that ``metadata.csv`` lists, in its order.

    The first column is the id, the last but not beyond the third the text: LJ Speech's third is its second with numbers
    written out. A first line ``id|text...`` is a header, and then the column ``text`` counts.

    Raises:
        InputError: no such file, not UTF-8, no lines, a line without text, an id twice.
    """
    path = folder / "metadata.csv"
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); a corpus has a file of lines id|text") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 (byte {error.start}); save it as UTF-8") from error
    column: int | None = None
    header = lines[0].split("|") if lines else []
    if header[:1] == ["id"] and "text" in header:
        column = header.index("text")
        lines[0] = ""
    files = _audio_files(folder)
    recordings: dict[str, Recording] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split("|")]
        at = min(len(cells) - 1, 2) if column is None else column
        if not cells[0] or not 0 < at < len(cells):
            raise InputError(f"{path}:{number}: not of the form id|text")
        if cells[0] in recordings:
            raise InputError(f'{path}:{number}: the id "{cells[0]}" is there twice')
        recordings[cells[0]] = Recording(cells[0], cells[at], files.get(cells[0]))
    if not recordings:
        raise InputError(f"{path}: lists no recordings; it needs lines id|text")
    return list(recordings.values())


def _audio_files(folder: Path) -> dict[str, Path]:
    """The audio files by their names without suffix; earlier folders and suffixes win."""
    found: dict[str, Path] = {}
    for name in AUDIO_FOLDERS:
        if (folder / name).is_dir():
            for path in sorted((folder / name).iterdir(), key=lambda p: (_rank(p), p.name)):
                if path.suffix.lower() in SUFFIXES:
                    found.setdefault(path.stem, path)
    return found


def _rank(path: Path) -> int:
    return SUFFIXES.index(path.suffix.lower()) if path.suffix.lower() in SUFFIXES else len(SUFFIXES)
