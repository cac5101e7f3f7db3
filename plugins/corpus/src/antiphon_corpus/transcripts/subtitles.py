"""SubRip subtitles (SRT): ``Ann: so, where were we``, or one file a speaker."""

from __future__ import annotations

import re
from pathlib import Path

import pysubs2
from antiphon.errors import InputError

from antiphon_corpus.transcripts.segment import Segment, read_text, segment

LABELLED = re.compile(r"\[?(?P<speaker>[^\[\]:]{1,60}?)\]?\s*:\s*(?P<text>.*)", re.DOTALL)


def read_subtitles(path: Path, *, labelled: bool) -> list[Segment]:
    """The subtitles; with `labelled`, each begins with its speaker and a colon.

    Raises:
        InputError: the file is no SRT file, or a subtitle names no speaker.
    """
    content = read_text(path)
    try:
        subtitles = pysubs2.SSAFile.from_string(content, format_="srt")
    except (pysubs2.exceptions.Pysubs2Error, ValueError) as error:
        raise InputError(f"{path}: it cannot be read as SRT: {error}") from error
    if not subtitles and content.strip():
        raise InputError(f"{path}: there is no subtitle in it; times look like 00:00:01,500 --> 00:00:02,750")
    found = []
    for number, subtitle in enumerate(subtitles, 1):
        speaker, text = None, subtitle.plaintext
        if labelled:
            match = LABELLED.fullmatch(text.strip())
            if match is None:
                raise InputError(
                    f'{path}: subtitle {number} names no speaker; write "NAME: ..." in each, or give each speaker a '
                    "file, with {speaker} in the pattern of the transcripts"
                )
            speaker, text = match["speaker"].strip(), match["text"]
        found.append(segment(path, f"subtitle {number}", speaker, subtitle.start / 1000, subtitle.end / 1000, text))
    return found
