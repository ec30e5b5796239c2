"""Stage 7. Writes the GGUF files and the manifest of `models/`.

    python -m sektor_training.export --work DIR --models DIR --sectors FILE --llama-cpp DIR [--only SECTOR …]

An adapter names its base by `sektor.base_sha256`, so that it is never applied to another one.
"""

import argparse
import datetime
import json
import sys
from pathlib import Path

import torch

from .adapter_training import TARGET_MODULES
from .corpus_sources import SOURCES
from .fingerprint import sha256_of
from .hf_layout import load_checkpoint
from .sectors import load_sectors

BASE_ID = "sektor-base-v1"
LICENCE = "CC-BY-SA-4.0"
AUTHOR = "sektor"


def _read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _base_metadata() -> dict[str, str]:
    return {
        "general.name": "sektor-taban", "general.author": AUTHOR, "general.version": "v1", "general.license": LICENCE.lower(),
        "general.description": "A small Turkish base model for sector adapters.",
    }


def _adapter_metadata(sector: str, version: str, base_sha256: str) -> dict[str, str]:
    return {
        "general.name": f"{sector}@{version}", "general.author": AUTHOR, "general.version": version, "general.license": LICENCE.lower(),
        "sektor.sector": sector, "sektor.version": version, "sektor.base_sha256": base_sha256,
    }


def base_entry(work: Path, instruct: str, models: Path, file: Path, date: str) -> dict[str, object]:
    model = load_checkpoint(work / f"{instruct}.pt")
    corpus = {entry["source"]: entry for entry in _read(work / "corpus" / "report.json") or []}
    tokens = _read(work / "tokens" / "counts.json")
    return {
        "id": BASE_ID, "file": str(file.relative_to(models)), "sha256": sha256_of(file), "bytes": file.stat().st_size,
        "parameters": model.parameter_count(), "vocabulary": model.shape.vocabulary, "contextLength": model.shape.context,
        "architecture": "llama", "shape": model.shape.as_dict(), "quantisation": "Q8_0", "licence": LICENCE,
        "sources": [
            {"name": s.name, "origin": s.origin, "licence": s.licence, "documents": corpus.get(s.name, {}).get("documents"), "tokens": tokens.get(s.name)}
            for s in SOURCES
        ] + [{"name": "dialogues and knowledge", "origin": "datasets of this project", "licence": "CC-BY-4.0"}],
        "trainingRun": {"date": date, "pretraining": _read(work / "base.json"), "instruction": _read(work / f"{instruct}.json"), "torch": torch.__version__},
    }


def adapter_entry(sector: str, version: str, models: Path, file: Path, base_sha256: str, run: dict, held_out: dict, date: str) -> dict[str, object]:
    return {
        "name": sector, "version": version, "sector": sector, "file": str(file.relative_to(models)), "sha256": sha256_of(file),
        "bytes": file.stat().st_size, "rank": run["rank"], "alpha": run["alpha"], "targetModules": list(TARGET_MODULES),
        "baseFingerprint": base_sha256, "licence": LICENCE, "trainingRun": {"date": date, **run}, "heldOut": held_out,
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--work", type=Path, required=True)
    arguments.add_argument("--models", type=Path, required=True)
    arguments.add_argument("--sectors", type=Path, required=True)
    arguments.add_argument("--llama-cpp", type=Path, required=True)
    arguments.add_argument("--instruct", default="instruct")
    arguments.add_argument("--adapters", default="adapters")
    arguments.add_argument("--version", default="3")
    arguments.add_argument("--only", nargs="*", default=[])
    options = arguments.parse_args()

    # The converters need the gguf package of their own source tree, which must be found before the installed one.
    sys.path.insert(0, str(options.llama_cpp / "gguf-py"))
    from .gguf_files import write_adapter, write_base

    hf_folder = options.work / f"{options.instruct}-hf"
    date = datetime.date.today().isoformat()
    base = options.models / "base" / f"{BASE_ID}.gguf"
    write_base(options.llama_cpp, hf_folder, base, _base_metadata())
    fingerprint = sha256_of(base)
    print(f"{base.name}  {base.stat().st_size / 1e6:.1f} MB  {fingerprint[:12]}", flush=True)
    held_out = _read(options.work / "held-out.json")
    entries = []
    for sector in load_sectors(options.sectors):
        trained = options.work / options.adapters / sector.id
        if (options.only and sector.id not in options.only) or not (trained / "run.json").exists():
            continue
        file = options.models / "adapters" / f"{sector.id}@{options.version}.gguf"
        write_adapter(options.llama_cpp, hf_folder, trained, file, _adapter_metadata(sector.id, options.version, fingerprint))
        entries.append(adapter_entry(sector.id, options.version, options.models, file, fingerprint, _read(trained / "run.json"), held_out.get(sector.id, {}), date))
        print(f"{file.name}  {file.stat().st_size / 1e6:.2f} MB", flush=True)
    manifest = {"schema": 1, "base": base_entry(options.work, options.instruct, options.models, base, date), "adapters": entries}
    (options.models / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
