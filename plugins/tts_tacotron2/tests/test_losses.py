"""What training minimises, and what validation measures."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from antiphon_tts_tacotron2.model.decoder import Decoded  # noqa: E402
from antiphon_tts_tacotron2.model.tacotron2 import Output  # noqa: E402
from antiphon_tts_tacotron2.training.data import Batch  # noqa: E402
from antiphon_tts_tacotron2.training.losses import guided_attention, losses  # noqa: E402
from antiphon_tts_tacotron2.training.validation import warped_distance  # noqa: E402


def batch() -> Batch:
    """Two utterances of 3 and 2 steps of 2 frames."""
    frames = torch.randn(2, 6, 4, generator=torch.Generator().manual_seed(0))
    frames[1, 4:] = 0.0
    return Batch(torch.ones(2, 5).long(), torch.tensor([5, 3]), torch.zeros(2, 1), frames, torch.tensor([6, 4]))


def perfect(given: Batch) -> Output:
    stop = torch.tensor([[-9.0, 9.0, 9.0], [9.0, 9.0, 0.0]])
    return Output(Decoded(given.frames.clone(), stop, torch.full((2, 3, 5), 0.2)), given.frames.clone())


def test_a_perfect_model_loses_nothing():
    parts = losses(perfect(batch()), batch(), 2, 0.3)
    assert float(parts["mel"]) == float(parts["postnet"]) == 0.0
    assert float(parts["stop"]) < 1e-3


def test_padding_costs_nothing():
    output = perfect(batch())
    output.sharpened[1, 4:] = 100.0
    output.decoded.frames[1, 4:] = 100.0
    output.decoded.stop[1, 2] = -100.0
    output.decoded.alignments[1, 2] = 100.0
    before, after = losses(perfect(batch()), batch(), 2, 0.3), losses(output, batch(), 2, 0.3)
    assert {name: float(value) for name, value in before.items()} == {
        name: float(value) for name, value in after.items()
    }


def test_distance_is_absolute_plus_squared_error():
    output = perfect(batch())
    output.sharpened.add_(2.0)
    assert float(losses(output, batch(), 2, 0.3)["postnet"]) == pytest.approx(2.0 + 4.0)


def test_stopping_too_late_costs_more_than_too_early():
    late, early = perfect(batch()), perfect(batch())
    late.decoded.stop[0, 2] = -9.0
    early.decoded.stop[0, 0] = 9.0
    assert losses(late, batch(), 2, 0.3)["stop"] > losses(early, batch(), 2, 0.3)["stop"] > 1.0


def test_guided_attention_wants_the_diagonal():
    size = 20
    diagonal, reversed_ = torch.eye(size)[None], torch.eye(size).flip(0)[None]
    lengths = torch.tensor([size])
    assert float(guided_attention(diagonal, lengths, lengths, 0.3)) == pytest.approx(0.0, abs=1e-6)
    assert float(guided_attention(reversed_, lengths, lengths, 0.3)) > 0.5


def brute_force(one: np.ndarray, other: np.ndarray) -> float:
    """Dynamic time warping cell by cell."""
    best = {(-1, -1): (0.0, 0)}
    for i in range(len(one)):
        for j in range(len(other)):
            before = [best[at] for at in ((i - 1, j - 1), (i - 1, j), (i, j - 1)) if at in best]
            total, length = min(before, key=lambda pair: pair[0])
            best[i, j] = (total + float(np.abs(one[i] - other[j]).mean()), length + 1)
    total, length = best[len(one) - 1, len(other) - 1]
    return total / length


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (5, 1), (1, 4), (7, 5), (6, 9)])
def test_warped_distance_is_dynamic_time_warping(rows, columns):
    random = np.random.default_rng(rows * 10 + columns)
    one, other = (random.normal(size=(n, 3)).astype(np.float32) for n in (rows, columns))
    assert warped_distance(one, other) == pytest.approx(brute_force(one, other), rel=1e-5)


def test_a_slower_copy_is_at_no_distance():
    one = np.random.default_rng(0).normal(size=(9, 3)).astype(np.float32)
    assert warped_distance(one, np.repeat(one, 2, 0)) == 0.0
