"""Dialogues of a sector and their split: every sixth line is held out for the evaluation and never trained on."""

import json
from dataclasses import dataclass
from pathlib import Path

from .chat_format import Message

HELD_OUT_EVERY = 6
DEVELOPMENT_EVERY = 8


@dataclass(frozen=True)
class Split:
    training: list[list[Message]]
    held_out: list[list[Message]]

    def without_development(self) -> tuple[list[list[Message]], list[list[Message]]]:
        """The training dialogues in two: to train on, and to choose settings by."""
        parts: tuple[list[list[Message]], list[list[Message]]] = ([], [])
        for index, dialogue in enumerate(self.training):
            parts[index % DEVELOPMENT_EVERY == DEVELOPMENT_EVERY - 1].append(dialogue)
        return parts


def load_dialogues(path: Path) -> list[list[Message]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line)["messages"] for line in lines if line.strip()]


def load_split(folder: Path, sector: str) -> Split:
    split = Split([], [])
    for index, dialogue in enumerate(load_dialogues(folder / f"{sector}.jsonl")):
        (split.held_out if index % HELD_OUT_EVERY == HELD_OUT_EVERY - 1 else split.training).append(dialogue)
    return split
