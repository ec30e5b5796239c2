"""The weights as they will be served: Q8_0 for the base, half precision for adapters, taken back to float32."""

from pathlib import Path

import gguf
import torch
from torch import Tensor, nn
from transformers import LlamaForCausalLM


def through_q8(weight: Tensor) -> Tensor:
    quantised = gguf.quants.quantize(weight.detach().float().numpy(), gguf.GGMLQuantizationType.Q8_0)
    return torch.from_numpy(gguf.quants.dequantize(quantised, gguf.GGMLQuantizationType.Q8_0))


def load_served_base(folder: Path) -> LlamaForCausalLM:
    """The base model with every matrix rounded as in the Q8_0 file (row order does not matter to Q8_0 blocks)."""
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 2:
                parameter.copy_(through_q8(parameter))
    return model


def round_to_half(module: nn.Module, marker: str = "lora_") -> None:
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if marker in name:
                parameter.copy_(parameter.half().float())
