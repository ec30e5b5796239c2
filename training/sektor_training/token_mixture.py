"""Endless shuffled batches from the tokenised sources, each source read in blocks without repetition until it is used up."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor


class TokenMixture:
    def __init__(self, work: Path, seed: int) -> None:
        folder = work / "tokens"
        counts = json.loads((folder / "counts.json").read_text())
        names = sorted(name for name in counts if name != "validation")
        self._tokens = np.concatenate([np.fromfile(folder / f"{name}.u16", dtype=np.uint16) for name in names])
        self._seed = seed

    def __len__(self) -> int:
        return len(self._tokens)

    def batches(self, rows: int, length: int, part: str) -> Iterator[Tensor]:
        """int64 [rows, length + 1]; the offset of the blocks moves with every pass. `part` names an independent order."""
        epoch = 0
        while True:
            draw = np.random.default_rng([self._seed, epoch, sum(part.encode())])
            first = int(draw.integers(0, length))
            starts = np.arange(first, len(self._tokens) - length - 1, length)
            draw.shuffle(starts)
            for index in range(0, len(starts) - rows + 1, rows):
                block = np.stack([self._tokens[s : s + length + 1] for s in starts[index : index + rows]])
                yield torch.from_numpy(block.astype(np.int64))
            epoch += 1


def validation_tokens(work: Path) -> np.ndarray:
    return np.fromfile(work / "tokens" / "validation.u16", dtype=np.uint16)
