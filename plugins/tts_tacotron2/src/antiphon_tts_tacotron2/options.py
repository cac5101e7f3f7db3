"""Options of the implementations; a light module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon.options import option
from attrs import frozen, validators

if TYPE_CHECKING:
    from antiphon.payloads import MelSettings

POSITIVE = validators.gt(0)


@frozen
class GriffinLimOptions:
    """How Griffin-Lim works, and the mel spectrograms that it takes; the defaults are those of LJ Speech's models."""

    iterations: int = option(
        32, help="How often the phases are improved.", validator=[validators.ge(0), validators.le(1000)]
    )
    momentum: float = option(
        0.99, help="Acceleration of the improvement.", validator=[validators.ge(0.0), validators.lt(2.0)]
    )
    sample_rate: int = option(22_050, help="Sample rate of the audio.", unit="Hz", validator=POSITIVE)
    n_fft: int = option(1024, help="Length of the window.", unit="samples", validator=POSITIVE)
    hop: int = option(256, help="Distance of the frames.", unit="samples", validator=POSITIVE)
    bands: int = option(80, help="Number of mel bands.", validator=POSITIVE)
    fmin_hz: float = option(0.0, help="Lowest frequency of the bands.", unit="Hz", validator=validators.ge(0.0))
    fmax_hz: float = option(8000.0, help="Highest frequency of the bands.", unit="Hz", validator=POSITIVE)

    def mel_settings(self) -> MelSettings:
        """The mel spectrograms that it takes."""
        from antiphon.payloads import MelSettings

        return MelSettings(self.sample_rate, self.n_fft, self.hop, self.bands, self.fmin_hz, self.fmax_hz)
