"""models/speech/manifest.json: what each file is, by its hash."""

import hashlib
import json
from pathlib import Path

NAME = "manifest.json"
START = {"schema": 1, "id": "sektor-speech-tr-v1", "language": "tr", "syntheticOnly": True}


def record(models: Path, part: str, file: str, about: dict[str, object]) -> None:
    """Writes or replaces one file's entry; the others stay."""
    path = models / NAME
    manifest = json.loads(path.read_text(encoding="utf-8")) if path.exists() else dict(START)
    content = (models / file).read_bytes()
    manifest[part] = {"file": file, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), **about}
    path.write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
