"""Text to memory: an embedding, convolutions, a bidirectional LSTM."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from antiphon_tts_tacotron2.model.config import ModelConfig
from antiphon_tts_tacotron2.model.layers import Convolution, Linear, lengths_to_mask


class Encoder(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        size = config.embedding
        self.embedding = nn.Embedding(config.symbols, size)
        bound = (6.0 / (config.symbols + size)) ** 0.5
        nn.init.uniform_(self.embedding.weight, -bound, bound)
        self.convolutions = nn.ModuleList(
            Convolution(size, size, config.encoder_kernel, "relu") for _ in range(config.encoder_layers)
        )
        self.lstm = nn.LSTM(size, size // 2, batch_first=True, bidirectional=True)
        controls = config.controls_at("memory")
        self.controls = Linear(controls, size, bias=False) if controls else None
        self._dropout = config.dropout

    def forward(self, symbols: Tensor, lengths: Tensor | None, controls: Tensor) -> Tensor:
        """Symbols ``(batch, text)`` and controls ``(batch, controls)`` to memory ``(batch, text, embedding)``.

        ``lengths`` is None where nothing is padded.
        """
        hidden = self.embedding(symbols).transpose(1, 2)
        padding = None if lengths is None else lengths_to_mask(lengths, symbols.shape[1])[:, None]
        for convolution in self.convolutions:
            if padding is not None:  # what lies behind the end of a text is nothing, as it is for a text by itself
                hidden = hidden.masked_fill(padding, 0.0)
            hidden = functional.dropout(functional.relu(convolution(hidden)), self._dropout, self.training)
        hidden = hidden.transpose(1, 2)
        if lengths is None:
            memory, _ = self.lstm(hidden)
        else:
            packed = pack_padded_sequence(hidden, lengths.cpu(), batch_first=True, enforce_sorted=False)
            memory, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True, total_length=symbols.shape[1])
        if self.controls is not None:
            memory = memory + self.controls(controls)[:, None]
        result: Tensor = memory
        return result
