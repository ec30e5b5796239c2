"""Trains one LoRA adapter on the served base weights; used by the adapters stage and by its sweep."""

import random
from dataclasses import dataclass

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from torch import Tensor
from transformers import LlamaForCausalLM

from .conversation_batches import IGNORED, Example, pad, shuffled
from .keeping import Keeping, drift_from_base

TARGET_MODULES = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


@dataclass(frozen=True)
class AdapterSettings:
    rank: int = 16
    epochs: int = 3
    rate: float = 3e-3
    rows: int = 12
    weight_decay: float = 0.01

    @property
    def alpha(self) -> int:
        return 2 * self.rank


def _nats(model: LlamaForCausalLM, inputs: Tensor, targets: Tensor, reduction: str) -> Tensor:
    """Cross-entropy of the counted targets; only their logits are computed."""
    counted = targets.flatten() != IGNORED
    hidden = model.model(input_ids=inputs, use_cache=False).last_hidden_state.flatten(0, 1)[counted]
    return torch.nn.functional.cross_entropy(model.lm_head(hidden).float(), targets.flatten()[counted], reduction=reduction)


def llama_of(model: LlamaForCausalLM | PeftModel) -> LlamaForCausalLM:
    """The Llama itself, adapter layers in place where `model` has some."""
    return model.base_model.model if isinstance(model, PeftModel) else model


def train_adapter(
    base: LlamaForCausalLM, training: list[Example], settings: AdapterSettings, seed: int, keeping: Keeping | None = None
) -> PeftModel:
    """A PEFT model around `base`; call `.unload()` on it to get the plain base back. A bfloat16 base trains fastest on a CPU."""
    torch.manual_seed(seed)
    draw = random.Random(seed)
    config = LoraConfig(r=settings.rank, lora_alpha=settings.alpha, target_modules=list(TARGET_MODULES), task_type="CAUSAL_LM")
    model = get_peft_model(base, config)
    model.train()
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=settings.rate, betas=(0.9, 0.98), weight_decay=settings.weight_decay, fused=True)
    total = settings.epochs * -(-len(training) // settings.rows)
    step = 0
    for _ in range(settings.epochs):
        for inputs, targets in shuffled(training, settings.rows, base.config.max_position_embeddings, draw):
            warm_up, left = (step + 1) / max(1, total // 20), 1 - step / total
            for group in optimiser.param_groups:
                group["lr"] = settings.rate * min(1.0, warm_up, 0.02 + left)
            with torch.autocast("cpu", torch.bfloat16):
                loss = _nats(llama_of(model), inputs, targets, "mean")
                if keeping is not None and keeping.weight > 0:
                    loss = loss + keeping.weight * drift_from_base(model, *keeping.batch(draw))
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trained, 1.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            step += 1
    return model.eval()


@torch.no_grad()
def mean_nats(model: torch.nn.Module, data: list[Example], rows: int = 20) -> float:
    """Cross-entropy of the assistants' tokens, averaged over tokens."""
    model.eval()
    total, count = 0.0, 0
    ordered = sorted(data, key=lambda example: len(example[0]))
    for start in range(0, len(ordered), rows):
        inputs, targets = pad(ordered[start : start + rows], model.config.max_position_embeddings)
        total += float(_nats(llama_of(model), inputs, targets, "sum"))
        count += int((targets != IGNORED).sum())
    return total / count
