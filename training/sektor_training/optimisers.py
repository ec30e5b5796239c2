"""Muon for the matrices of the blocks, AdamW for the embedding and the norms."""

import torch

from .model import SmallLlama


class PairedOptimiser:
    """Two optimisers that share one schedule."""

    def __init__(self, model: SmallLlama, matrix_rate: float, embedding_rate: float, weight_decay: float) -> None:
        matrices = [p for block in model.blocks for p in block.parameters() if p.ndim == 2]
        others = [p for p in model.parameters() if p.ndim < 2 or p is model.embedding.weight]
        self._muon = torch.optim.Muon(matrices, lr=matrix_rate, weight_decay=weight_decay, momentum=0.95, adjust_lr_fn="match_rms_adamw")
        self._adam = torch.optim.AdamW(others, lr=embedding_rate, betas=(0.9, 0.95), weight_decay=0.0, fused=True)
        self._peaks = (matrix_rate, embedding_rate)

    def step(self, rate_share: float) -> None:
        for optimiser, peak in zip((self._muon, self._adam), self._peaks, strict=True):
            for group in optimiser.param_groups:
                group["lr"] = peak * rate_share
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)

    def state_dict(self) -> dict[str, object]:
        return {"muon": self._muon.state_dict(), "adam": self._adam.state_dict()}

    def load_state_dict(self, state: dict[str, object]) -> None:
        self._muon.load_state_dict(state["muon"])
        self._adam.load_state_dict(state["adam"])
