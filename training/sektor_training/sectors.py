"""The sectors and their system prompts, read from the platform's own `configs/sectors.yaml`."""

from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Sector:
    id: str
    prompt: str


def load_sectors(path: Path) -> list[Sector]:
    with path.open(encoding="utf-8") as file:
        return [Sector(entry["id"], entry["systemPrompt"]) for entry in yaml.safe_load(file)["sectors"]]
