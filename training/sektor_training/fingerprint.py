"""The sha256 of a file: what adapters and the manifest name their base by."""

import hashlib
from pathlib import Path


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
