"""A conversation from the point of view of one speaker, "us": the numbers that models and baselines see.

`Perspective` makes a turn of what was measured, and is the only code that does: a corpus is read through it turn by
turn, and a live dialogue calls it for every turn, so that a model's inputs are the same bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt
from antiphon.features import FeatureSpec, Measurements
from attrs import frozen

from antiphon_entrain_neural.scales import Scale

Array = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


@frozen(eq=False)
class Turn:
    """A turn as models see it.

    Attributes:
        is_us: whether it is ours, else the partner's.
        z: shape ``(features,)``, z-scores on the scale of its speaker, 0 where missing.
        valid: shape ``(features,)``, False where missing.
        text: what was said.
        duration_s: how long it took; 0 where nobody knows.
    """

    is_us: bool
    z: Array
    valid: Mask
    text: str
    duration_s: float = 0.0

    def with_z(self, z: Array) -> Turn:
        """The same turn, had it had these z-scores (all of them valid)."""
        return Turn(self.is_us, z.astype(np.float32), np.ones(len(z), bool), self.text, self.duration_s)


@frozen(eq=False)
class Conversation:
    """All turns of a conversation, in order, from the point of view of `us`.

    Attributes:
        name: of the conversation.
        us: the speaker whose turns are to be predicted; everybody else is the partner.
        features: their names, in the order of the columns of `z` and `valid`.
        is_us: shape ``(turns,)``.
        z: shape ``(turns, features)``, float32, 0 where missing.
        valid: shape ``(turns, features)``.
        texts: one a turn.
        durations_s: shape ``(turns,)``, float32.
    """

    name: str
    us: str
    features: tuple[str, ...]
    is_us: Mask
    z: Array
    valid: Mask
    texts: tuple[str, ...]
    durations_s: Array

    @classmethod
    def of(cls, name: str, us: str, features: Sequence[str], turns: Iterable[Turn]) -> Conversation:
        """The conversation of these turns."""
        listed = list(turns)
        shape = (len(listed), len(features))
        return cls(
            name,
            us,
            tuple(features),
            np.array([turn.is_us for turn in listed], dtype=bool),
            np.array([turn.z for turn in listed], dtype=np.float32).reshape(shape),
            np.array([turn.valid for turn in listed], dtype=bool).reshape(shape),
            tuple(turn.text for turn in listed),
            np.array([turn.duration_s for turn in listed], dtype=np.float32),
        )

    def __len__(self) -> int:
        return len(self.texts)

    def turn(self, index: int) -> Turn:
        """One turn."""
        z, valid = self.z[index], self.valid[index]
        return Turn(bool(self.is_us[index]), z, valid, self.texts[index], float(self.durations_s[index]))

    @property
    def targets(self) -> Mask:
        """What is to be predicted: the measured features of our turns, shape ``(turns, features)``."""
        return self.valid & self.is_us[:, None]


class Perspective:
    """Turns measurements into `Turn`s as they come, from the point of view of one speaker.

    Args:
        features: in the order of the columns.
        ours: the scale of our own voice.
        stranger: makes the scale of a partner who has not spoken before.
    """

    def __init__(self, features: Sequence[FeatureSpec], ours: Scale, stranger: Callable[[], Scale]) -> None:
        self._names = tuple(spec.name for spec in features)
        self._ours = ours
        self._stranger = stranger
        self._partners: dict[str, Scale] = {}

    def us(self, measured: Measurements, text: str, duration_s: float = 0.0) -> Turn:
        """The next turn, which is ours."""
        return self._turn(True, self._ours.step(measured), text, duration_s)

    def partner(self, measured: Measurements, text: str, duration_s: float = 0.0, *, speaker: str = "") -> Turn:
        """The next turn, which is a partner's; each partner has a scale of their own."""
        if speaker not in self._partners:
            self._partners[speaker] = self._stranger()
        return self._turn(False, self._partners[speaker].step(measured), text, duration_s)

    def _turn(self, is_us: bool, scaled: Measurements, text: str, duration_s: float) -> Turn:
        values = [scaled[name].value if name in scaled else None for name in self._names]
        z = np.array([0.0 if value is None else value for value in values], dtype=np.float32)
        return Turn(is_us, z, np.array([value is not None for value in values], dtype=bool), text, duration_s)
