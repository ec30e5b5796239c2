"""The recogniser: log-mel inside the network, residual dilated convolutions, one distribution over letters every 20 ms (CTC).

Half of the layers work at 40 ms, where a step sees twice as far for half the price; a skip brings the 20 ms detail back.
Input: mono, 16 kHz, zero mean and unit variance over the utterance (what sherpa-onnx's `omnilingual` slot feeds). Output: log-probabilities.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .spoken_text import LETTERS

BLANK = 0
# Index 0 is the blank of CTC; a space stands for the border of two words.
SYMBOLS = ["<blk>", " ", *LETTERS]
SYMBOL_OF = {symbol: number for number, symbol in enumerate(SYMBOLS)}
WINDOW, HOP, MELS = 400, 160, 64
FLOOR = 1e-3
# Seventeen throats; the middle one is the plain scale.
WARPS = 17


def frames_of(samples: int) -> int:
    """Output frames for so many samples (at least WINDOW)."""
    return ((samples - WINDOW) // HOP) // 2 + 1


def normalised(samples: np.ndarray) -> np.ndarray:
    return ((samples - samples.mean()) / np.sqrt(samples.var() + 1e-10)).astype(np.float32)


def _mel_matrix(warp: float) -> np.ndarray:
    """[bins, MELS] triangles between 60 and 7600 Hz; `warp` stretches the frequencies, as a longer or shorter throat does."""

    def mel(hertz: np.ndarray | float) -> np.ndarray:
        return 2595 * np.log10(1 + np.asarray(hertz) / 700)

    edges = np.minimum(700 * (10 ** (np.linspace(mel(60), mel(7600), MELS + 2) / 2595) - 1) * warp, 7990)
    bins = np.arange(WINDOW // 2 + 1) * 16_000 / WINDOW
    matrix = np.zeros((len(bins), MELS), np.float32)
    for band in range(MELS):
        low, middle, high = edges[band : band + 3]
        if high - low > 1e-6:
            matrix[:, band] = np.maximum(0, np.minimum((bins - low) / max(middle - low, 1e-6), (high - bins) / max(high - middle, 1e-6)))
    return matrix


class LogMel(nn.Module):
    """[batch, samples] → [batch, MELS, frames of 10 ms]. With `as_convolution` the Fourier transform is a convolution, which every ONNX runtime has."""

    def __init__(self) -> None:
        super().__init__()
        window = np.hanning(WINDOW + 1)[:WINDOW]
        angle = np.arange(WINDOW // 2 + 1)[:, None] * np.arange(WINDOW)[None] * 2 * np.pi / WINDOW
        self.register_buffer("window", torch.from_numpy(window.astype(np.float32)), persistent=False)
        kernel = np.concatenate([np.cos(angle) * window, -np.sin(angle) * window]).astype(np.float32)[:, None]
        self.register_buffer("kernel", torch.from_numpy(kernel), persistent=False)
        self.register_buffer("mel", torch.from_numpy(_mel_matrix(1.0)), persistent=False)
        self.register_buffer("warped", torch.from_numpy(np.stack([_mel_matrix(float(w)) for w in np.linspace(0.84, 1.16, WARPS)])), persistent=False)
        self.as_convolution = False

    def forward(self, samples: Tensor, warp: Tensor | None = None) -> Tensor:
        if self.as_convolution:
            both = F.conv1d(samples.unsqueeze(1), self.kernel, stride=HOP)
            real, imaginary = both[:, : WINDOW // 2 + 1], both[:, WINDOW // 2 + 1 :]
            power = (real * real + imaginary * imaginary).transpose(1, 2)
        else:
            spectrum = torch.fft.rfft(samples.unfold(1, WINDOW, HOP) * self.window)
            power = spectrum.real**2 + spectrum.imag**2
        energies = power @ (self.mel if warp is None else self.warped[warp])
        return torch.log(energies + FLOOR).transpose(1, 2) * 0.25


class Block(nn.Module):
    def __init__(self, width: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(width, width, 3, padding=dilation, dilation=dilation, bias=False)
        self.norm = nn.BatchNorm1d(width)
        self.dropout = nn.Dropout1d(dropout)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.dropout(F.relu(self.norm(self.convolution(x))))


class Recogniser(nn.Module):
    def __init__(self, fine: int = 192, coarse: int = 256, dropout: float = 0.05) -> None:
        super().__init__()
        self.shape = {"fine": fine, "coarse": coarse}
        self.mel = LogMel()
        self.enter = nn.Sequential(nn.Conv1d(MELS, fine, 5, stride=2, padding=2, bias=False), nn.BatchNorm1d(fine), nn.ReLU())
        self.before = nn.Sequential(Block(fine, 1, dropout), Block(fine, 2, dropout))
        self.down = nn.Sequential(nn.Conv1d(fine, coarse, 3, stride=2, padding=1, bias=False), nn.BatchNorm1d(coarse), nn.ReLU())
        self.middle = nn.Sequential(*(Block(coarse, dilation, dropout) for dilation in (1, 2, 4, 1, 2, 4, 8, 1, 2, 1)))
        self.up = nn.ConvTranspose1d(coarse, fine, 2, stride=2)
        self.after = nn.Sequential(Block(fine, 1, dropout), Block(fine, 1, dropout))
        self.leave = nn.Conv1d(fine, len(SYMBOLS), 1)

    def letters(self, mel: Tensor) -> Tensor:
        """[batch, MELS, frames of 10 ms] → [batch, frames of 20 ms, symbols], log-probabilities."""
        fine = self.before(self.enter(mel))
        coarse = self.up(self.middle(self.down(fine)))
        fine = self.after(fine + coarse[:, :, : fine.shape[2]])
        return F.log_softmax(self.leave(fine).float().transpose(1, 2), -1)

    def forward(self, samples: Tensor) -> Tensor:
        return self.letters(self.mel(samples))


def greedy_text(log_probabilities: Tensor) -> str:
    """[frames, symbols] → the best symbol of every frame, repetitions and blanks dropped."""
    letters, previous = [], BLANK
    for symbol in log_probabilities.argmax(-1).tolist():
        if symbol not in (previous, BLANK):
            letters.append(SYMBOLS[symbol])
        previous = symbol
    return " ".join("".join(letters).split())


def edit_distance(reference: list | str, heard: list | str) -> int:
    row = list(range(len(heard) + 1))
    for i, expected in enumerate(reference, 1):
        diagonal, row[0] = row[0], i
        for j, got in enumerate(heard, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (expected != got))
    return row[-1]
