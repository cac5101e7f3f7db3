"""The two step functions of a model as modules of plain tensors, which exporters can take."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch._higher_order_ops.scan import scan

from antiphon_entrain_neural.config import WordUse
from antiphon_entrain_neural.model.state import Spoken, State
from antiphon_entrain_neural.model.step import StepModel
from antiphon_entrain_neural.model.text import AttendedWords
from antiphon_entrain_neural.serving.sidecar import NEXT, OBSERVE, PREDICT, STATE

EXAMPLE_WORDS = 3
"""Any number but 0 and 1, which exporters take for constants."""


class StepFunction(nn.Module):
    """A function of named inputs, given in order; subclasses say what it does with one conversation.

    Args:
        model: in evaluation mode.
        vectors: the table of learned word vectors, shape ``(words, dims)``; None where vectors come in.
        dims: of a word vector.
        own: inputs other than words and state, by name, as examples.
        reads: how it reads words.
    """

    vectors: Tensor | None

    def __init__(
        self, model: StepModel, vectors: Tensor | None, dims: int, own: Mapping[str, Tensor], reads: WordUse
    ) -> None:
        super().__init__()
        self.model = model
        self.register_buffer("vectors", vectors)
        start = model.start(1)
        self.kept = tuple(name for name, part in start._asdict().items() if part.numel())
        self.examples = dict(own)
        if reads != "none":
            words = torch.zeros(EXAMPLE_WORDS, dims) if vectors is None else torch.arange(EXAMPLE_WORDS) % len(vectors)
            self.examples |= {"words": words, "length": torch.tensor([EXAMPLE_WORDS])}
        self.examples |= {STATE + name: getattr(start, name) for name in self.kept}

    @property
    def outputs(self) -> tuple[str, ...]:
        """Their names, in order."""
        raise NotImplementedError

    def forward(self, *values: Tensor) -> tuple[Tensor, ...]:
        """The outputs, in order, of the inputs, in order."""
        made = self.call(dict(zip(self.examples, values, strict=True)))
        return tuple(made[name] for name in self.outputs)

    def call(self, given: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """Outputs by name, of inputs by name."""
        raise NotImplementedError

    def state(self, given: Mapping[str, Tensor]) -> State:
        """The state that came in; parts without numbers are those of the start."""
        start = self.model.start(1)
        return State(*(given.get(STATE + name, part) for name, part in start._asdict().items()))

    def read(self, given: Mapping[str, Tensor], *, of_next: bool) -> Tensor:
        """The words that came in, as the model takes them."""
        if "words" not in given:
            return self.model.read(torch.zeros(1, 1, 0), torch.zeros(1), of_next=of_next)
        words = given["words"] if self.vectors is None else self.vectors[given["words"]]
        return self.model.read(words.unsqueeze(0), given["length"], of_next=of_next)


class Observe(StepFunction):
    """The state after a turn."""

    def __init__(self, model: StepModel, vectors: Tensor | None, dims: int) -> None:
        blank = torch.zeros(1, model.features)
        own = {"z": blank, "valid": blank.clone(), "is_us": torch.zeros(1)}
        super().__init__(model, vectors, dims, own, model.text.history)

    @property
    def outputs(self) -> tuple[str, ...]:
        return tuple(NEXT + name for name in self.kept if name != "decoder")

    def call(self, given: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        turn = Spoken(given["z"], given["valid"], given["is_us"], self.read(given, of_next=False))
        after = self.model.observe(turn, self.state(given))
        return {NEXT + name: part for name, part in after._asdict().items()}


class Predict(StepFunction):
    """The next turn."""

    def __init__(self, model: StepModel, vectors: Tensor | None, dims: int) -> None:
        super().__init__(model, vectors, dims, {"is_us": torch.ones(1)}, model.text.next)

    @property
    def outputs(self) -> tuple[str, ...]:
        return ("z", *(["attention"] if self.model.attention is not None else []), NEXT + "decoder")

    def call(self, given: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        said, after = self.model.predict(given["is_us"], self.read(given, of_next=True), self.state(given))
        return {"z": said.z, "attention": said.attention, NEXT + "decoder": after.decoder}


def step_functions(model: StepModel, vectors: Tensor | None, dims: int, *, scanned: bool) -> dict[str, StepFunction]:
    """Both functions of a model.

    Args:
        model: is left as it is.
        vectors, dims: as `StepFunction`.
        scanned: LSTMs over words as a scan, for exporters that would unroll them for one number of words.
    """
    model = copy.deepcopy(model).eval().requires_grad_(False)
    for reader in model.readers.values():
        if scanned and isinstance(reader, AttendedWords):
            reader.lstm = ScannedLSTM(reader.lstm)  # type: ignore[assignment]  # computes the same
    return {OBSERVE: Observe(model, vectors, dims), PREDICT: Predict(model, vectors, dims)}


class ScannedLSTM(nn.Module):
    """A bidirectional LSTM that computes what another one does, word by word for any number of words."""

    def __init__(self, lstm: nn.LSTM) -> None:
        super().__init__()
        both = [(weights, backwards) for weights, backwards in zip(*[iter(lstm.all_weights)] * 2, strict=True)]
        self.of_input = nn.ParameterList(torch.stack((a[0].T, b[0].T)) for a, b in both)
        self.of_hidden = nn.ParameterList(torch.stack((a[1].T, b[1].T)) for a, b in both)
        self.bias = nn.ParameterList(torch.stack((a[2] + a[3], b[2] + b[3])) for a, b in both)

    def forward(self, words: Tensor) -> tuple[Tensor, tuple[Sequence[Tensor], None]]:
        """As `torch.nn.LSTM.forward` of a single text, shape ``(1, W, inputs)``, without the cells' last states."""
        inputs = words[0]
        last: list[Tensor] = []
        for of_input, of_hidden, bias in zip(self.of_input, self.of_hidden, self.bias, strict=True):
            ways = torch.stack((inputs, inputs.flip(0)), dim=1)
            gates = torch.einsum("wdi,dig->wdg", ways, of_input) + bias
            start = inputs.new_zeros(2, of_hidden.shape[1])

            def step(state: tuple[Tensor, Tensor], gate: Tensor, weight: Tensor = of_hidden) -> tuple[object, Tensor]:
                hidden, cell = state
                recurrent = torch.einsum("dh,dhg->dg", hidden, weight)
                open_, forget, candidate, output = (gate + recurrent).chunk(4, dim=1)
                cell = torch.sigmoid(forget) * cell + torch.sigmoid(open_) * torch.tanh(candidate)
                hidden = torch.sigmoid(output) * torch.tanh(cell)
                return (hidden, cell), hidden.clone()

            (hidden, _), outputs = scan(step, (start, start.clone()), gates)
            inputs = torch.cat((outputs[:, 0], outputs[:, 1].flip(0)), dim=1)
            last += [hidden[:1], hidden[1:]]
        return inputs.unsqueeze(0), (last, None)
