"""One turn of one session: audio goes in, the words so far and at last the words come out."""

from __future__ import annotations

from antiphon.payloads import Audio, Transcript
from pocketsphinx import Decoder

from antiphon_asr_sphinx import transcript
from antiphon_asr_sphinx.cepstral_mean import CepstralMean
from antiphon_asr_sphinx.pcm import BYTES_PER_SAMPLE, PcmStream
from antiphon_asr_sphinx.second_search import SecondSearch
from antiphon_asr_sphinx.voice_activity import SpeechMeter

UPDATE_FRAMES = 20
"""How often the cepstral mean is brought up to date; counted in samples, so that the chunks' size changes nothing."""


class Turn:
    """An utterance under way in a borrowed decoder.

    Args:
        decoder: has no utterance under way.
        mean: is updated while the turn lasts.
        pcm: turns the audio that will come into what the decoder's model needs.
    """

    def __init__(self, decoder: Decoder, mean: CepstralMean, pcm: PcmStream) -> None:
        self.decoder = decoder
        self.mean = mean
        self._frame_rate = int(decoder.config["frate"])
        self._frame_bytes = BYTES_PER_SAMPLE * pcm.rate // self._frame_rate
        self._pcm = pcm
        self._meter = SpeechMeter(pcm.rate)
        self._since_update = 0
        self._last_text = ""
        self._second: SecondSearch | None = None
        self._ended = False
        decoder.set_cmn(mean.tell())
        decoder.start_utt()

    @property
    def ended(self) -> bool:
        """Whether the decoder has no utterance under way any more."""
        return self._ended

    @property
    def has_speech(self) -> bool:
        return self._meter.enough

    def feed(self, chunk: Audio) -> Transcript | None:
        """The words so far, if they have changed."""
        self._process(self._pcm.feed(chunk))
        hypothesis = self.decoder.hyp()
        if hypothesis is None or hypothesis.hypstr == self._last_text or not self.has_speech:
            return None
        self._last_text = hypothesis.hypstr
        return transcript.read(self.decoder, self._frame_rate, final=False)

    def pause(self) -> None:
        """Search for the words so far a second time, in the background."""
        self.resume()
        if self.has_speech:
            self._second = SecondSearch(self._end)

    def resume(self) -> None:
        """The words so far are not all."""
        if self._second is not None:
            self._second.abandon()
            self._second = None

    def finish(self) -> Transcript:
        """The words. The decoder's utterance may still be under way."""
        second, self._second = self._second, None
        words = second.words() if second is not None else None
        if words is None:
            words = self._end()
        self.mean.observe(self.decoder.get_cmn(update=not self._ended), self._since_update // self._frame_bytes)
        return words

    def _end(self) -> Transcript:
        self._process(self._pcm.flush())
        self.decoder.end_utt()
        self._ended = True
        return transcript.read(self.decoder, self._frame_rate, final=True) if self.has_speech else Transcript("")

    def _process(self, pcm: bytes) -> None:
        self._meter.feed(pcm)
        while pcm:
            room = UPDATE_FRAMES * self._frame_bytes - self._since_update
            block, pcm = pcm[:room], pcm[room:]
            self.decoder.process_raw(block)
            self._since_update += len(block)
            if len(block) == room:
                self.mean.observe(self.decoder.get_cmn(update=True), UPDATE_FRAMES)
                self.decoder.set_cmn(self.mean.tell())
                self._since_update = 0
