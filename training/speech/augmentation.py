"""What happens to a voice on its way to us: silence around it, a room, noise, a telephone line, a clipped microphone. All of it synthetic.

Works on float32 samples at 16 kHz, in numpy, on one utterance at a time; banks of noise and rooms are made once.
"""

import random

import numpy as np
from scipy.signal import fftconvolve, resample_poly

SAMPLE_RATE = 16_000
_BANK_SECONDS = 60


def _coloured(generator: np.random.Generator, exponent: float) -> np.ndarray:
    """Noise whose power falls with frequency to the power `exponent`: 0 white, 1 pink, 2 brown."""
    length = SAMPLE_RATE * _BANK_SECONDS
    spectrum = np.fft.rfft(generator.standard_normal(length))
    frequency = np.maximum(np.fft.rfftfreq(length, 1 / SAMPLE_RATE), 20)
    return np.fft.irfft(spectrum / frequency ** (exponent / 2), length)


def _hum(generator: np.random.Generator) -> np.ndarray:
    time = np.arange(SAMPLE_RATE * _BANK_SECONDS) / SAMPLE_RATE
    return sum(generator.uniform(0.1, 1) / k * np.sin(2 * np.pi * 50 * k * time + generator.uniform(0, 6)) for k in range(1, 9)) + 0.05 * generator.standard_normal(len(time))


def babble(clips: list[np.ndarray], generator: np.random.Generator, voices: int = 6) -> np.ndarray:
    """Several people talking at once: clips laid end to end on each of `voices` tracks and added."""
    length = SAMPLE_RATE * _BANK_SECONDS
    mix = np.zeros(length)
    for _ in range(voices):
        track: list[np.ndarray] = []
        while sum(map(len, track)) < length:
            clip = clips[generator.integers(len(clips))].astype(np.float64)
            track.append(clip / (clip.std() + 1e-9) * generator.uniform(0.4, 1))
        mix += np.concatenate(track)[:length]
    return mix


def _room(generator: np.random.Generator) -> np.ndarray:
    """A made-up impulse response: the direct sound, then noise that dies away within 0.1 to 0.5 s (60 dB)."""
    decay = generator.uniform(0.1, 0.5)
    time = np.arange(int(SAMPLE_RATE * min(decay, 0.35))) / SAMPLE_RATE
    tail = generator.standard_normal(len(time)) * 10 ** (-3 * time / decay)
    tail[: int(SAMPLE_RATE * generator.uniform(0.001, 0.01))] = 0
    response = tail * generator.uniform(0.1, 0.6) / (np.sqrt((tail**2).sum()) + 1e-9)
    response[0] = 1
    return response.astype(np.float32)


def with_noise(samples: np.ndarray, noise: np.ndarray, decibels: float) -> np.ndarray:
    """`noise` scaled so that the speech's power is `decibels` above it."""
    scale = np.sqrt((samples**2).mean() / ((noise**2).mean() + 1e-12)) * 10 ** (-decibels / 20)
    return samples + noise * np.float32(scale)


def over_telephone(samples: np.ndarray, mu: float = 255.0) -> np.ndarray:
    """8 kHz, µ-law to 8 bits, and back."""
    narrow = resample_poly(samples, 1, 2)
    peak = np.abs(narrow).max() + 1e-9
    compressed = np.sign(narrow) * np.log1p(mu * np.abs(narrow) / peak) / np.log1p(mu)
    steps = np.round(compressed * 127) / 127
    return (resample_poly(np.sign(steps) * np.expm1(np.abs(steps) * np.log1p(mu)) / mu * peak, 2, 1)).astype(np.float32)


class Augmentation:
    def __init__(self, clips: list[np.ndarray], seed: int, rooms: int = 150) -> None:
        generator = np.random.default_rng(seed)
        self._draw = random.Random(seed)
        banks = [_coloured(generator, exponent) for exponent in (0, 0, 1, 2)] + [_hum(generator)]
        banks += [babble(clips, generator, voices) for voices in (3, 6, 10)] if clips else []
        self._noises = [(bank / bank.std()).astype(np.float32) for bank in banks]
        self._rooms = [_room(generator) for _ in range(rooms)]

    def noise(self, length: int) -> np.ndarray:
        bank = self._draw.choice(self._noises)
        start = self._draw.randrange(len(bank) - length) if length < len(bank) else 0
        return np.resize(bank[start : start + length], length)

    def room(self, samples: np.ndarray) -> np.ndarray:
        return fftconvolve(samples, self._draw.choice(self._rooms))[: len(samples)].astype(np.float32)

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        draw = self._draw
        lead, trail = (int(SAMPLE_RATE * draw.choice((0.02, draw.uniform(0, 0.3), draw.uniform(0, 0.6)))) for _ in range(2))
        heard = np.concatenate([np.zeros(lead, np.float32), samples, np.zeros(trail, np.float32)])
        if draw.random() < 0.3:
            heard = self.room(heard)
        if draw.random() < 0.65:
            heard = with_noise(heard, self.noise(len(heard)), draw.uniform(6, 35))
        else:
            heard = with_noise(heard, self.noise(len(heard)), draw.uniform(40, 70))
        if draw.random() < 0.08:
            limit = np.abs(heard).max() * draw.uniform(0.25, 0.8)
            heard = np.clip(heard, -limit, limit)
        if draw.random() < 0.2:
            heard = over_telephone(heard)
        return heard
