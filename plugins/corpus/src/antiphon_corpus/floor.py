"""How turns follow one another: gaps and overlaps between speakers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from attrs import cmp_using, field, frozen

from antiphon_corpus.model import TurnTable


@frozen
class Floor:
    """Of all changes from one speaker to another within the conversations.

    Attributes:
        offsets_s: from the end of the turn before to the start of the next one; negative where they overlap.
    """

    offsets_s: npt.NDArray[np.float64] = field(eq=cmp_using(eq=np.array_equal))

    @property
    def median_s(self) -> float | None:
        """The median offset; None where there is no change."""
        return float(np.median(self.offsets_s)) if len(self.offsets_s) else None

    @property
    def overlapping(self) -> float | None:
        """The share of changes that overlap."""
        return float((self.offsets_s < 0).mean()) if len(self.offsets_s) else None


def floor(table: TurnTable) -> Floor:
    """The changes between consecutive turns of different speakers."""
    frame = table.frame
    conversation, speaker = (frame[name].cat.codes.to_numpy() for name in ("conversation", "speaker"))
    change = (conversation[1:] == conversation[:-1]) & (speaker[1:] != speaker[:-1])
    return Floor((frame["start_s"].to_numpy()[1:] - frame["end_s"].to_numpy()[:-1])[change])
