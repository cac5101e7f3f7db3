"""The three graphs that a model is exported as."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from antiphon_tts_tacotron2.model.config import ModelConfig  # noqa: E402
from antiphon_tts_tacotron2.model.graphs import STATE, EncoderGraph, PostnetGraph, StepGraph, first_state, reach  # noqa: E402
from antiphon_tts_tacotron2.model.tacotron2 import Tacotron2  # noqa: E402

CONFIG = ModelConfig(
    symbols=12,
    controls=3,
    bands=6,
    reduction=2,
    embedding=16,
    encoder_layers=2,
    prenet=8,
    attention_lstm=14,
    attention=10,
    decoder_lstm=12,
    postnet=8,
    postnet_layers=3,
)


@pytest.fixture
def model() -> Tacotron2:
    torch.manual_seed(0)
    made = Tacotron2(CONFIG).eval()
    made.mel_mean.fill_(-5.0)
    made.mel_sd.fill_(2.0)
    made.decoder.stop.bias.data.fill_(-50.0)
    return made


@torch.inference_mode()
def spoken_by_graphs(model: Tacotron2, symbols, controls, masks):
    memory, keys = EncoderGraph(model)(symbols[None], controls[None])
    step, state, frame, frames = StepGraph(model), first_state(model, memory), torch.zeros(1, CONFIG.bands), []
    for number in range(masks.shape[1]):
        piece, _, *state = step(memory, keys, controls[None], frame, masks[:, number, None], *state)
        frame = piece[:, -1]
        frames.append(piece)
    return PostnetGraph(model)(torch.cat(frames, 1))[0]


def test_graphs_say_what_the_model_says(model):
    symbols, controls = torch.tensor([3, 1, 4, 1, 5]), torch.tensor([0.5, -0.5, 1.0])
    masks = model.prenet_masks(9, generator=torch.Generator().manual_seed(0))
    whole = model.speak(symbols, controls, masks).mel
    assert spoken_by_graphs(model, symbols, controls, masks) == pytest.approx(whole, abs=1e-5)


def test_the_postnet_can_work_in_pieces(model):
    frames, graph, margin = torch.randn(1, 40, CONFIG.bands), PostnetGraph(model), reach(model)
    with torch.inference_mode():
        whole = graph(frames)
        piece = graph(frames[:, 10 - margin : 20 + margin])[:, margin:-margin]
    assert piece == pytest.approx(whole[:, 10:20], abs=1e-5)


@pytest.mark.long
def test_graphs_are_exported_to_onnx_for_texts_of_any_length(model, tmp_path):
    runtime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    memory = torch.zeros(1, 7, CONFIG.embedding)
    text, frames = torch.export.Dim("text", min=1), torch.export.Dim("frames", min=1)
    state = first_state(model, memory)
    longer = [{1: text} if name in ("alignment", "total") else None for name in STATE]
    arguments = {
        "encoder": (EncoderGraph(model), (torch.ones(1, 7).long(), torch.zeros(1, 3)), ({1: text}, None)),
        "postnet": (PostnetGraph(model), (torch.zeros(1, 9, CONFIG.bands),), ({1: frames},)),
        "step": (
            StepGraph(model),
            (memory, torch.zeros(1, 7, 10), torch.zeros(1, 3), torch.zeros(1, 6), torch.ones(2, 1, 8), *state),
            ({1: text}, {1: text}, None, None, None, tuple(longer)),
        ),
    }
    sessions = {}
    for name, (graph, inputs, shapes) in arguments.items():
        path = tmp_path / f"{name}.onnx"
        torch.onnx.export(graph.eval(), inputs, path, dynamo=True, dynamic_shapes=shapes, verbose=False)
        sessions[name] = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])

    def run(name, *inputs):
        names = [given.name for given in sessions[name].get_inputs()]
        return sessions[name].run(None, {key: tensor.numpy() for key, tensor in zip(names, inputs, strict=True)})

    symbols, controls = torch.tensor([[3, 1, 4, 1, 5]]), torch.tensor([[0.5, -0.5, 1.0]])
    with torch.inference_mode():
        memory, keys = EncoderGraph(model)(symbols, controls)
        given = (memory, keys, controls, torch.randn(1, 6), torch.ones(2, 1, 8), *first_state(model, memory))
        assert run("encoder", symbols, controls)[0] == pytest.approx(memory.numpy(), abs=1e-5)
        for found, expected in zip(run("step", *given), StepGraph(model)(*given), strict=True):
            assert found == pytest.approx(expected.numpy(), abs=1e-5)
        some = torch.randn(1, 33, CONFIG.bands)
        assert run("postnet", some)[0] == pytest.approx(PostnetGraph(model)(some).numpy(), abs=1e-4)
