"""The strategy runs where only the package itself is installed, without what training needs."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
from importlib.machinery import PathFinder

found = PathFinder.find_spec
PathFinder.find_spec = lambda name, *more: None if name.partition(".")[0] in {absent} else found(name, *more)

from antiphon.discovery import Plugins
from antiphon.features import PROSODY, Measurement
from antiphon.payloads import Observation, Reply
from antiphon.stages import Setup

plugins = Plugins()
assert not [broken for broken in plugins.broken if "entrain" in broken.distribution], plugins.broken
provider = plugins.find("strategy", "neural").provider
component = provider.open(provider.options_class()(), Setup(specs={{spec.name: spec.on("z") for spec in PROSODY}}))
session = component.session(0)
for turn in range(3):
    features = {{spec.name: Measurement(4.0 + turn) for spec in PROSODY}}
    session.observe(Observation(turn, "user", "yes", features, {{}}))
    target = session.propose(Reply("no"))
assert set(target.values) == {{spec.name for spec in PROSODY}}
print("served")
"""
ABSENT = {"torch", "lightning", "onnx", "onnxscript", "pandas", "antiphon_corpus", "sklearn", "matplotlib", "jinja2"}


def test_it_serves_without_pytorch_and_all_else_that_is_for_training() -> None:
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(absent=ABSENT)], capture_output=True, text=True, check=False
    )
    assert process.stdout == "served\n", process.stderr


def test_commands_that_need_more_say_which_package_brings_it() -> None:
    program = PROGRAM.partition("from antiphon.discovery")[0].format(absent=ABSENT) + (
        "from antiphon.cli.main import main\nmain(['entrain', 'export', 'model', '-o', 'out'])"
    )
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert process.returncode != 0
    assert "pip install 'antiphon-entrain-neural[train]'" in process.stderr
    assert "Traceback" not in process.stderr
