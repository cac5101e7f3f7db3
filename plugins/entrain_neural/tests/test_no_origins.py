"""What is shipped says nothing of the machine that made it."""

from __future__ import annotations

import re

import pytest
from antiphon_entrain_neural.checkpoint import load_checkpoint

ORIGIN = re.compile(rb"\.py\"?, line \d|site-packages|stack_trace")


@pytest.mark.parametrize("name", ["observe.onnx", "predict.onnx"])
def test_the_default_checkpoint_names_no_source_lines(name: str) -> None:
    assert not ORIGIN.search(load_checkpoint("builtin:default").read(name))
