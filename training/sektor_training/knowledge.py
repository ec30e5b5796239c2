"""Short documents a sector answers from, and the system message that carries some of them.

The message is the one the platform sends (`services/conversation/knowledge-prompt.ts`); `tests/fixtures/knowledge-prompt.json`
holds both to the same text.
"""

import json
import random
import re
from dataclasses import dataclass
from pathlib import Path

from .chat_format import Message, with_system_prompt

INSTRUCTION = "Kaynaklara dayanarak yanıtla, kullandığın kaynağı [1] gibi göster."
PASSAGES_SHOWN = 2
"""The platform's `knowledge.passages`; what scores far below the best passage is left out there, so one alone is common too."""
ALONE_SHARE = 0.3
_CITATION = re.compile(r"\[(\d)\]")


@dataclass(frozen=True)
class Passage:
    title: str
    text: str


@dataclass(frozen=True)
class GroundedDialogue:
    """A dialogue whose answer comes from `documents`, cited as [1], [2] in that order."""

    messages: list[Message]
    documents: list[str]


def load_passages(path: Path) -> dict[str, Passage]:
    """Document id → passage; empty when the sector has no file."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines if line.strip()]
    return {entry["id"]: Passage(entry["title"], entry["text"]) for entry in entries}


def prompt_with_passages(prompt: str | None, passages: list[Passage]) -> str:
    listed = "\n".join(f"[{number}] {passage.title}: {passage.text}" for number, passage in enumerate(passages, 1))
    return f"{prompt}\n\n{INSTRUCTION}\n{listed}" if prompt else f"{INSTRUCTION}\n{listed}"


def _shown_with(named: list[str], passages: dict[str, Passage], draw: random.Random) -> list[str]:
    """The named documents among others of the sector, in any order."""
    wanted = 1 if draw.random() < ALONE_SHARE else PASSAGES_SHOWN
    others = [name for name in passages if name not in named]
    shown = named + draw.sample(others, min(len(others), max(0, wanted - len(named))))
    draw.shuffle(shown)
    return shown


def with_passages(dialogue: GroundedDialogue, passages: dict[str, Passage], prompt: str | None, draw: random.Random) -> list[Message]:
    """The dialogue as the platform would pose it, citations renumbered."""
    shown = _shown_with(dialogue.documents, passages, draw)

    def renumbered(match: re.Match[str]) -> str:
        return f"[{shown.index(dialogue.documents[int(match[1]) - 1]) + 1}]"

    messages: list[Message] = [
        {"role": m["role"], "content": _CITATION.sub(renumbered, m["content"]) if m["role"] == "assistant" else m["content"]}
        for m in dialogue.messages
    ]
    return with_system_prompt(messages, prompt_with_passages(prompt, [passages[name] for name in shown]))


def beside_passages(messages: list[Message], passages: dict[str, Passage], prompt: str, draw: random.Random) -> list[Message]:
    """A dialogue that knows its answer, under passages that do not help: search finds something for two questions of three."""
    shown = _shown_with([], passages, draw)
    return with_system_prompt(messages, prompt_with_passages(prompt, [passages[name] for name in shown]) if shown else prompt)
