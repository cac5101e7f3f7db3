"""The speaker, on a virtual sound card: what is played is heard, gapless, and stops when it must."""

import time

import numpy as np
import pytest
import soxr
from antiphon.errors import AudioError, DeviceError
from antiphon.payloads import Audio, Samples
from antiphon.stages import Setup
from antiphon_audio_sr.options import SpeakerOptions
from antiphon_audio_sr.speaker import Speaker, SpeakerSession
from antiphon_audio_sr.testing import SAMPLE_RATE, VirtualSoundCard

AUDIBLE = 0.005
ROOMY = SpeakerOptions(sample_rate=SAMPLE_RATE, buffer_s=0.5)
"""The machine that runs the tests may be busy; what is tested is whether the queue is gapless."""
LEAD_IN_S = 0.03
"""An idle PulseAudio sink swallows some milliseconds when it wakes."""


def noise(seconds: float, rate: int = SAMPLE_RATE, seed: int = 0) -> Audio:
    """Noise without silent places behind a short lead-in: every sample is found again by correlation."""
    white = np.random.default_rng(seed).standard_normal(round(seconds * rate))
    smooth = np.convolve(white, np.hanning(24) / 12, mode="same")
    smooth[: round(LEAD_IN_S * rate)] = 0
    return Audio((0.2 * smooth).astype(np.float32), rate)


def pieces(audio: Audio, seconds: float) -> list[Audio]:
    step = round(seconds * audio.sample_rate)
    return [audio.between(start, start + step) for start in range(0, len(audio.samples), step)]


def settle(card: VirtualSoundCard) -> int:
    """Wait until the recording has caught up; returns its length, less some silence."""
    time.sleep(0.4)
    return len(card.heard()) - SAMPLE_RATE // 10


def wait_until_heard(session: SpeakerSession) -> None:
    """As the engine waits."""
    while (pending_s := session.pending_s()) > 0:
        time.sleep(min(pending_s, 0.05))


def sounding(recording: Samples) -> Samples:
    """The recording from the first to the last audible sample."""
    audible = np.flatnonzero(np.abs(recording) > AUDIBLE)
    return recording[audible[0] : audible[-1] + 1] if len(audible) else recording[:0]


def best_match(recording: Samples, sought: Samples) -> tuple[int, float]:
    """Where `sought` lies in the recording, and the correlation there."""
    size = 1 << (len(recording) + len(sought)).bit_length()
    product = np.fft.irfft(np.fft.rfft(recording, size) * np.conj(np.fft.rfft(sought, size)), size)
    at = int(np.argmax(product[: len(recording)]))
    found = recording[at : at + len(sought)]
    return at, float(np.dot(found, sought[: len(found)]) / (np.linalg.norm(found) * np.linalg.norm(sought)))


def test_plays_every_sample_without_a_gap(sound_card: VirtualSoundCard) -> None:
    said = noise(1.5)
    session = Speaker(ROOMY, Setup()).session(0)
    before = settle(sound_card)
    session.begin(SAMPLE_RATE, 0.0)
    for piece in pieces(said, 0.03):
        session.play(piece)
    wait_until_heard(session)
    settle(sound_card)
    session.close()

    at, correlation = best_match(sound_card.heard()[before:], said.samples)
    assert correlation > 0.999
    heard = sound_card.heard()[before:][at : at + len(said.samples)]
    assert np.max(np.abs(heard - said.samples)) < 2e-4


@pytest.mark.parametrize("rate", [16_000, pytest.param(22_050, marks=pytest.mark.long)])
def test_converts_rates_that_the_device_does_not_run_at(sound_card: VirtualSoundCard, rate: int) -> None:
    said = noise(1.0, rate)
    session = Speaker(ROOMY, Setup()).session(0)
    before = settle(sound_card)
    session.begin(rate, 0.0)
    for piece in pieces(said, 0.1):
        session.play(piece)
    wait_until_heard(session)
    assert session.stop() == pytest.approx(len(said.samples), abs=rate // 1000)
    settle(sound_card)
    session.close()

    expected = soxr.resample(said.samples, rate, SAMPLE_RATE)
    _, correlation = best_match(sound_card.heard()[before:], expected)
    assert correlation > 0.999


def test_stop_silences_at_once_and_counts_what_was_heard(sound_card: VirtualSoundCard) -> None:
    session = Speaker(SpeakerOptions(sample_rate=SAMPLE_RATE), Setup()).session(0)
    too_many = []
    for seed in range(3):
        before = settle(sound_card)
        session.begin(SAMPLE_RATE, 0.0)
        session.play(noise(20.0, seed=seed))
        time.sleep(0.4)
        counted = session.stop()
        assert session.stop() == counted
        settle(sound_card)
        heard = len(sounding(sound_card.heard()[before:])) + round(LEAD_IN_S * SAMPLE_RATE)
        assert 0 < heard < 10 * SAMPLE_RATE
        too_many.append(counted - heard)
    session.close()
    # A busy machine now and then holds up the virtual card itself.
    assert np.median(too_many) == pytest.approx(0, abs=0.05 * SAMPLE_RATE)


def test_utterances_follow_one_another(sound_card: VirtualSoundCard) -> None:
    session = Speaker(ROOMY, Setup()).session(0)
    before = settle(sound_card)
    interrupted, answer, last = noise(3.0, seed=1), noise(0.4, seed=2), noise(0.3, 24_000, seed=3)
    session.begin(SAMPLE_RATE, 0.0)
    session.play(interrupted)
    session.stop()
    session.begin(SAMPLE_RATE, 1.0)
    session.play(answer)
    wait_until_heard(session)
    assert session.stop() == len(answer.samples)
    session.begin(24_000, 2.0)
    session.play(last)
    wait_until_heard(session)
    settle(sound_card)
    session.close()

    recording = sound_card.heard()[before:]
    answer_at, correlation = best_match(recording, answer.samples)
    assert correlation > 0.999
    last_at, correlation = best_match(recording, soxr.resample(last.samples, 24_000, SAMPLE_RATE))
    assert correlation > 0.999
    assert last_at >= answer_at + len(answer.samples)


def test_nothing_played_is_nothing_heard(sound_card: VirtualSoundCard) -> None:
    session = Speaker(SpeakerOptions(), Setup()).session(0)
    session.begin(16_000, 0.0)
    wait_until_heard(session)
    assert session.stop() == 0
    session.begin(16_000, 0.0)
    session.play(Audio(np.zeros(0), 16_000))
    session.play(Audio(np.zeros(1), 16_000))
    wait_until_heard(session)
    assert session.stop() <= 1
    session.close()


def test_refuses_a_change_of_rate_within_an_utterance(sound_card: VirtualSoundCard) -> None:
    session = Speaker(SpeakerOptions(), Setup()).session(0)
    session.begin(16_000, 0.0)
    with pytest.raises(AudioError, match=r"16000 Hz cannot go on at 22050 Hz"):
        session.play(noise(0.1, 22_050))
    session.close()


def test_says_which_devices_there_are(sound_card: VirtualSoundCard) -> None:
    with pytest.raises(DeviceError, match=r'"kazoo"; there are .*"default"'):
        Speaker(SpeakerOptions(device="kazoo"), Setup())
