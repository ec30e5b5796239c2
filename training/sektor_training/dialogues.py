"""Dialogues of a sector and their split: every sixth line is held out for the evaluation and never trained on.

Lines with `documents` answer from the sector's knowledge; they are kept apart, because their prompt carries the documents.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from .chat_format import Message
from .knowledge import GroundedDialogue

HELD_OUT_EVERY = 6
DEVELOPMENT_EVERY = 8


@dataclass(frozen=True)
class Split:
    training: list[list[Message]]
    held_out: list[list[Message]]
    grounded_training: list[GroundedDialogue]
    grounded_held_out: list[GroundedDialogue]

    def without_development(self) -> tuple[list[list[Message]], list[list[Message]]]:
        """The training dialogues in two: to train on, and to choose settings by."""
        parts: tuple[list[list[Message]], list[list[Message]]] = ([], [])
        for index, dialogue in enumerate(self.training):
            parts[index % DEVELOPMENT_EVERY == DEVELOPMENT_EVERY - 1].append(dialogue)
        return parts


def _lines(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def load_dialogues(path: Path) -> list[list[Message]]:
    """Those that answer without documents."""
    return [entry["messages"] for entry in _lines(path) if "documents" not in entry]


def load_split(folder: Path, sector: str) -> Split:
    split = Split([], [], [], [])
    for index, entry in enumerate(_lines(folder / f"{sector}.jsonl")):
        held_out = index % HELD_OUT_EVERY == HELD_OUT_EVERY - 1
        if "documents" in entry:
            grounded = GroundedDialogue(entry["messages"], entry["documents"])
            (split.grounded_held_out if held_out else split.grounded_training).append(grounded)
        else:
            (split.held_out if held_out else split.training).append(entry["messages"])
    return split
