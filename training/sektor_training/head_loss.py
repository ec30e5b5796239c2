"""Cross-entropy of a large vocabulary without ever holding all logits: chunk by chunk, gradients computed on the way."""

import torch
from torch import Tensor

CHUNK = 1024


class _ChunkedHeadLoss(torch.autograd.Function):
    @staticmethod
    def forward(ctx, hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:  # noqa: ANN001
        count = targets.numel()
        narrow = weight.to(hidden.dtype)
        hidden_gradient = torch.empty_like(hidden)
        weight_gradient = torch.zeros_like(weight)
        total = hidden.new_zeros((), dtype=torch.float32)
        for start in range(0, count, CHUNK):
            part, wanted = hidden[start : start + CHUNK], targets[start : start + CHUNK]
            logits = (part @ narrow.t()).float()
            normaliser = logits.logsumexp(1)
            total += (normaliser - logits.gather(1, wanted[:, None])[:, 0]).sum()
            gradient = logits.sub_(normaliser[:, None]).exp_()
            gradient[torch.arange(len(wanted)), wanted] -= 1
            gradient = gradient.mul_(1 / count).to(hidden.dtype)
            hidden_gradient[start : start + CHUNK] = gradient @ narrow
            weight_gradient += (gradient.t() @ part).float()
        ctx.save_for_backward(hidden_gradient, weight_gradient)
        return total / count

    @staticmethod
    def backward(ctx, upstream: Tensor) -> tuple[Tensor, Tensor, None]:  # noqa: ANN001
        hidden_gradient, weight_gradient = ctx.saved_tensors
        return hidden_gradient * upstream, weight_gradient * upstream, None


def chunked_head_loss(hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
    """Mean nats a token; `hidden` [tokens, width], `weight` [vocabulary, width], `targets` [tokens]."""
    return _ChunkedHeadLoss.apply(hidden, weight, targets)
