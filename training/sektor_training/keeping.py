"""What an adapter must leave as it is: the base's predictions on running text and on other sectors' dialogues.

Distillation from the base itself ("learning without forgetting", Li and Hoiem 2016, arXiv:1606.09282): no label of another sector is
learned, only that the base would have said the same.
"""

import random
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from peft import PeftModel
from torch import Tensor
from transformers import LlamaForCausalLM

LONGEST = 160


@dataclass(frozen=True)
class Keeping:
    """Token sequences to draw from, `rows` of each kind a step."""

    dialogues: list[list[int]]
    text: list[list[int]]
    rows: int
    weight: float

    def batch(self, draw: random.Random) -> tuple[Tensor, Tensor]:
        """Inputs int64 [rows, length] and which of them are real."""
        drawn = [sequence[:LONGEST] for sequence in draw.sample(self.dialogues, self.rows) + draw.sample(self.text, self.rows)]
        length = max(len(sequence) for sequence in drawn)
        inputs = torch.zeros(len(drawn), length, dtype=torch.long)
        real = torch.zeros(len(drawn), length, dtype=torch.bool)
        for row, sequence in enumerate(drawn):
            inputs[row, : len(sequence)] = torch.tensor(sequence)
            real[row, : len(sequence)] = True
        return inputs, real


def _log_probabilities(llama: LlamaForCausalLM, inputs: Tensor, real: Tensor) -> Tensor:
    hidden = llama.model(input_ids=inputs, use_cache=False).last_hidden_state[real]
    return F.log_softmax(llama.lm_head(hidden).float(), dim=-1)


def drift_from_base(model: PeftModel, inputs: Tensor, real: Tensor) -> Tensor:
    """Mean Kullback–Leibler divergence of the adapted from the base's next-token distribution, in nats."""
    llama = model.base_model.model
    with torch.no_grad(), model.disable_adapter():
        before = _log_probabilities(llama, inputs, real)
    return F.kl_div(_log_probabilities(llama, inputs, real), before, reduction="batchmean", log_target=True)
