"""Small honest implementations of every stage, for tests of whatever surrounds them.

They form a closed loop: the user and the agent speak in tones whose pitch, level and length say what was asked for, and
the extractor measures it exactly. All take the options of `antiphon.testing.fakes.options.FakeOptions`, by which they
raise, hang, die or return nonsense at a chosen call. `antiphon.testing.plugin` registers them.
"""
