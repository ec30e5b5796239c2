"""Conversations as padded tensors; what is not the assistant's is −100 in the targets."""

import random
from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

from .chat_format import Message, Tokenizer, render

IGNORED = -100
Example = tuple[list[int], list[bool]]


def examples(tokenizer: Tokenizer, conversations: Iterable[list[Message]]) -> list[Example]:
    return [render(tokenizer, conversation) for conversation in conversations]


def pad(batch: list[Example], context: int) -> tuple[Tensor, Tensor]:
    """Inputs and targets, already shifted by one: int64 [rows, length]."""
    length = min(context, max(len(ids) for ids, _ in batch) - 1)
    inputs = torch.zeros(len(batch), length, dtype=torch.long)
    targets = torch.full((len(batch), length), IGNORED)
    for row, (ids, learned) in enumerate(batch):
        size = min(len(ids) - 1, length)
        inputs[row, :size] = torch.tensor(ids[:size])
        for position in range(size):
            if learned[position + 1]:
                targets[row, position] = ids[position + 1]
    return inputs, targets


def shuffled(batch_of: list[Example], rows: int, context: int, draw: random.Random) -> Iterator[tuple[Tensor, Tensor]]:
    """One pass over the examples; neighbours in length share a batch, the batches come in random order."""
    order = sorted(batch_of, key=lambda example: len(example[0]) + draw.random() * 24)
    batches = [order[start : start + rows] for start in range(0, len(order), rows)]
    draw.shuffle(batches)
    for batch in batches:
        yield pad(batch, context)
