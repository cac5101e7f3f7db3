"""Simulates conversations whose dynamics are known, and with them what the best possible predictor loses.

In exchange k the partner speaks, then "us". Per feature, in standard deviations of a speaker::

    p_k = r p_{k-1} + sqrt(1 - r^2) e_k                                    the partner, stationary with variance 1
    d_k = a d_{k-1} + b p_k + g l_k,          d_{-1} = 0                   what drives us: partner and text
    u_k = a u_{k-1} + s n_k,                  u_0 ~ N(0, s^2 / (1 - a^2))  what nobody can know in advance
    x_k = d_k + u_k                           so that x_k = a x_{k-1} + b p_k + g l_k + s n_k

with e, n standard normal, l_k the standardised log length of our turn's text. A table holds them as raw values,
T^{-1}(m + w (o + c x + h (t - 1/2))): m and w are typical of the feature (`TYPICAL`), T its log domain, o the offset of
a speaker, c a speaker's scale, h a speaker's drift over the conversation, t from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from antiphon.errors import InputError
from antiphon.features import PROSODY, FeatureSpec
from attrs import field, fields, frozen, validators

from antiphon_corpus.model import TurnTable

Array = npt.NDArray[np.float64]

TYPICAL: Mapping[str, tuple[float, float]] = {
    "pitch_mean": (5.07, 0.10),
    "pitch_range": (0.90, 0.12),
    "intensity_mean": (65.0, 2.6),
    "jitter": (-3.71, 0.20),
    "shimmer": (-2.37, 0.17),
    "nhr": (-1.95, 0.26),
    "rate": (1.37, 0.25),
}
"""Mean and a speaker's standard deviation of each feature, in its log domain."""

WORDS = ("a", "day", "in", "the", "life", "of", "our", "town", "was", "so", "long", "that", "we", "all")
LOG_WORDS = (1.8, 0.7)
"""Mean and standard deviation of the logarithm of a turn's number of words."""

_unit = validators.and_(validators.ge(0.0), validators.lt(1.0))
_positive = validators.gt(0.0)
_nonnegative = validators.ge(0.0)


def _by_feature(value: float | Mapping[str, float]) -> dict[str, float]:
    return dict(value) if isinstance(value, Mapping) else {spec.name: float(value) for spec in PROSODY}


@frozen
class Dynamics:
    """The parameters of the process.

    Attributes:
        coupling: b, by feature, or one number for all of them; features that are not named have 0.
        inertia: a, in [0, 1).
        text_effect: g.
        noise: s.
        partner_inertia: r, in [0, 1).
        offset_sd: standard deviation of o.
        scale_sd: standard deviation of ln c.
        drift_sd: standard deviation of h.
        missing: share of the measurements that are missing, at random.
        mean_exchanges: mean number of exchanges of a conversation; they are 4 plus a Poisson number.
        features: which ones there are.
    """

    coupling: Mapping[str, float] = field(default=0.2, converter=_by_feature)
    inertia: float = field(default=0.4, validator=_unit)
    text_effect: float = 0.3
    noise: float = field(default=0.8, validator=_positive)
    partner_inertia: float = field(default=0.4, validator=_unit)
    offset_sd: float = field(default=1.5, validator=_nonnegative)
    scale_sd: float = field(default=0.25, validator=_nonnegative)
    drift_sd: float = field(default=0.0, validator=_nonnegative)
    missing: float = field(default=0.0, validator=_unit)
    mean_exchanges: float = field(default=30.0, validator=validators.ge(4.0))
    features: tuple[FeatureSpec, ...] = PROSODY

    def __attrs_post_init__(self) -> None:
        unknown = sorted(self.coupling.keys() - TYPICAL.keys())
        if unknown:
            raise InputError(f"no feature is called {', '.join(unknown)}; there are {', '.join(TYPICAL)}")

    @property
    def couplings(self) -> Array:
        """b of `features`, in their order."""
        return np.array([self.coupling.get(spec.name, 0.0) for spec in self.features])

    @property
    def free_running_sd(self) -> float:
        """SD of what the best predictor gets wrong that is never told what we really did: of u."""
        return float(self.noise / np.sqrt(1 - self.inertia**2))


@frozen(eq=False)
class Simulation:
    """A simulated corpus and what is known of it.

    Attributes:
        table: the turns; speakers are ``CONVERSATION:partner``, who speaks first, and ``CONVERSATION:us``.
        dynamics: the parameters.
        latent: p and x, one row a turn of the table, one column a feature.
        text_length: l, of every turn; the partner's has no effect.
    """

    table: TurnTable
    dynamics: Dynamics
    latent: Array
    text_length: Array

    @property
    def is_us(self) -> npt.NDArray[np.bool_]:
        """Which turns are ours."""
        return np.tile([False, True], len(self.latent) // 2)

    @property
    def exchange(self) -> npt.NDArray[np.int64]:
        """k of every turn."""
        return np.asarray(self.table.frame["turn"], dtype=np.int64) // 2


def simulate(conversations: int, dynamics: Dynamics | None = None, *, seed: int = 0) -> Simulation:
    """Simulate a corpus; the same arguments give the same corpus.

    Raises:
        InputError: there is to be no conversation.
    """
    if conversations < 1:
        raise InputError(f"{conversations} conversations cannot be simulated; ask for at least one")
    dynamics = dynamics or Dynamics()
    rng = np.random.default_rng(seed)
    exchanges = 4 + rng.poisson(dynamics.mean_exchanges - 4, conversations)
    words = np.maximum(1, np.rint(np.exp(rng.normal(*LOG_WORDS, (conversations, exchanges.max(), 2))))).astype(int)
    length = (np.log(words) - LOG_WORDS[0]) / LOG_WORDS[1]
    z = _process(dynamics, length[:, :, 1], rng)
    used = np.arange(exchanges.max()) < exchanges[:, None]
    raw = _raw(dynamics, z, exchanges, rng)[used].reshape(-1, len(dynamics.features))
    raw[rng.random(raw.shape) < dynamics.missing] = np.nan
    frame = _turns(exchanges, words[used].ravel(), rng)
    for column, spec in enumerate(dynamics.features):
        frame[spec.name] = raw[:, column]
    latent = z[used].reshape(raw.shape)
    return Simulation(TurnTable.of(frame, source="the simulation"), dynamics, latent, length[used].ravel())


def _process(dynamics: Dynamics, length: Array, rng: np.random.Generator) -> Array:
    """p and x: conversations x exchanges x (partner, us) x features."""
    conversations, exchanges = length.shape
    noise = rng.normal(size=(conversations, exchanges, 2, len(dynamics.features)))
    a, r = dynamics.inertia, dynamics.partner_inertia
    z = np.empty_like(noise)
    for k in range(exchanges):
        if k == 0:
            partner, driven = noise[:, 0, 0], np.zeros_like(noise[:, 0, 1])
            unknown = dynamics.free_running_sd * noise[:, 0, 1]
        else:
            partner = r * partner + np.sqrt(1 - r**2) * noise[:, k, 0]
            unknown = a * unknown + dynamics.noise * noise[:, k, 1]
        driven = a * driven + dynamics.couplings * partner + dynamics.text_effect * length[:, k, None]
        z[:, k, 0], z[:, k, 1] = partner, driven + unknown
    return z


def _raw(dynamics: Dynamics, z: Array, exchanges: npt.NDArray[np.int64], rng: np.random.Generator) -> Array:
    shape = (z.shape[0], 1, 2, z.shape[3])
    offset = rng.normal(0, dynamics.offset_sd, shape)
    scale = np.exp(rng.normal(0, dynamics.scale_sd, shape))
    drift = rng.normal(0, dynamics.drift_sd, shape)
    time = np.arange(z.shape[1]) / (exchanges[:, None] - 1) - 0.5
    mean, sd = np.array([TYPICAL[spec.name] for spec in dynamics.features]).T
    value = mean + sd * (offset + scale * z + drift * time[:, :, None, None])
    logarithmic = np.array([spec.floor is not None for spec in dynamics.features])
    return np.where(logarithmic, np.exp(np.where(logarithmic, value, 0.0)), value)


def _turns(exchanges: npt.NDArray[np.int64], words: npt.NDArray[np.int64], rng: np.random.Generator) -> pd.DataFrame:
    conversation = np.repeat(np.arange(len(exchanges)), 2 * exchanges)
    names = np.array([f"s{number:05d}" for number in range(len(exchanges))])
    turn = np.concatenate([np.arange(2 * count) for count in exchanges])
    duration = words * rng.uniform(0.25, 0.4, len(words))
    step = duration + rng.uniform(0.1, 0.8, len(words))
    end = np.cumsum(step)
    begin = end - step - (end - step)[turn == 0][conversation]
    speaker = [f"{names[c]}:{'us' if t % 2 else 'partner'}" for c, t in zip(conversation, turn, strict=True)]
    return pd.DataFrame(
        {
            "conversation": names[conversation],
            "turn": turn,
            "speaker": speaker,
            "start_s": begin.round(3),
            "end_s": (begin + duration).round(3),
            "text": _texts(words, rng),
        }
    )


def _texts(words: Sequence[int] | npt.NDArray[np.int64], rng: np.random.Generator) -> list[str]:
    drawn = iter(rng.integers(len(WORDS), size=int(np.sum(words))))
    return [" ".join(WORDS[next(drawn)] for _ in range(count)) for count in words]


def parameters(dynamics: Dynamics) -> dict[str, Any]:
    """The parameters, as JSON takes them."""
    names = [spec.name for spec in dynamics.features]
    coupling = dict(zip(names, dynamics.couplings.tolist(), strict=True))
    rest = {a.name: getattr(dynamics, a.name) for a in fields(Dynamics)}
    return {**rest, "coupling": coupling, "features": names}
