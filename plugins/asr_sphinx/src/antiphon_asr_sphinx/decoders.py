"""A pool of warm decoders, so that interleaved sessions never meet in one.

A session borrows a decoder for the length of a turn; more than one exists only while turns of several sessions overlap.
"""

from __future__ import annotations

from collections.abc import Callable

from pocketsphinx import Decoder

FORGETTING_S = 0.1


class DecoderPool:
    """Lends decoders that behave as if they were new.

    Args:
        open_decoder: makes one more.
    """

    def __init__(self, open_decoder: Callable[[], Decoder]) -> None:
        self._open = open_decoder
        first = open_decoder()
        self.rate = int(first.config["samprate"])
        self.prior_mean: str = first.get_cmn()
        self._free = [first]
        self._unended: list[Decoder] = []

    def borrow(self) -> Decoder:
        """A decoder with nothing in memory and no utterance under way."""
        if self._free:
            decoder = self._free.pop()
        elif self._unended:
            decoder = self._unended.pop()
            decoder.end_utt()
        else:
            decoder = self._open()
        self._forget(decoder)
        return decoder

    def give_back(self, decoder: Decoder, *, ended: bool = True) -> None:
        """It may be lent again. An utterance that has not ended is ended then, which takes time: now somebody waits."""
        (self._free if ended else self._unended).append(decoder)

    def close(self) -> None:
        self._free.clear()
        self._unended.clear()

    def _forget(self, decoder: Decoder) -> None:
        """Overwrite what outlives an utterance: the cepstral mean, and the best Gaussians of the last frames.

        Sphinx begins its search for the best Gaussians of a frame with those of the frame before, even across
        utterances, which changes scores in the last digits. Some frames of digital silence leave it in one known
        state.
        """
        decoder.set_cmn(self.prior_mean)
        decoder.start_utt()
        decoder.process_raw(bytes(2 * round(FORGETTING_S * self.rate)))
        decoder.end_utt()
