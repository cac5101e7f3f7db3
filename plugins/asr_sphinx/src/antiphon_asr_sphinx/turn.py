"""One turn of one session: audio goes in, the words so far and at last the words come out."""

from __future__ import annotations

from antiphon.payloads import Audio, Transcript
from pocketsphinx import Decoder

from antiphon_asr_sphinx import transcript
from antiphon_asr_sphinx.cepstral_mean import CepstralMean
from antiphon_asr_sphinx.pcm import BYTES_PER_SAMPLE, PcmStream
from antiphon_asr_sphinx.voice_activity import SpeechMeter

UPDATE_FRAMES = 20
"""How often the cepstral mean is brought up to date; counted in samples, so that the chunks' size changes nothing."""


class Turn:
    """An utterance under way in a borrowed decoder, which it leaves ready for the next one.

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
        decoder.set_cmn(mean.tell())
        decoder.start_utt()

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

    def finish(self) -> Transcript:
        """The words."""
        self._process(self._pcm.flush())
        self.decoder.end_utt()
        self.mean.observe(self.decoder.get_cmn(), self._since_update // self._frame_bytes)
        return transcript.read(self.decoder, self._frame_rate, final=True) if self.has_speech else Transcript("")

    def abandon(self) -> None:
        """End the utterance without looking at its words."""
        self.decoder.end_utt()

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
