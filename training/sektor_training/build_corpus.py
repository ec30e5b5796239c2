"""Stage 1. Cleans and deduplicates the corpora and writes one JSON-lines file per source plus a validation slice.

    python -m sektor_training.build_corpus --corpus DIR --work DIR
"""

import argparse
import hashlib
import json
import random
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from .corpus_sources import SOURCES, Source
from .text_cleaning import duplicate_key

VALIDATION_SHARE = 0.01


def _unique_documents(source: Source, corpus: Path, seed: int) -> list[str]:
    """Documents of one source, each line kept the first time it is seen."""
    draw = random.Random(f"{seed}:{source.name}")
    seen: set[bytes] = set()
    documents: list[str] = []
    for file in source.files:
        for document in source.documents(corpus / file):
            lines = []
            for line in document.split("\n"):
                key = hashlib.blake2b(duplicate_key(line).encode(), digest_size=8).digest()
                if key not in seen:
                    seen.add(key)
                    lines.append(line)
            if lines and draw.random() < source.share:
                documents.append("\n".join(lines))
    draw.shuffle(documents)
    return documents


def _write_source(source: Source, corpus: Path, out: Path, seed: int) -> dict[str, object]:
    started = time.monotonic()
    documents = _unique_documents(source, corpus, seed)
    held_out = max(1, int(len(documents) * VALIDATION_SHARE))
    for name, part in ((f"{source.name}.validation", documents[:held_out]), (source.name, documents[held_out:])):
        with (out / f"{name}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in part)
    return {
        "source": source.name, "licence": source.licence, "origin": source.origin, "documents": len(documents),
        "characters": sum(map(len, documents)), "seconds": round(time.monotonic() - started, 1),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--corpus", type=Path, required=True)
    arguments.add_argument("--work", type=Path, required=True)
    arguments.add_argument("--seed", type=int, default=17)
    options = arguments.parse_args()
    out = options.work / "corpus"
    out.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(max_workers=2) as pool:
        runs = [pool.submit(_write_source, source, options.corpus, out, options.seed) for source in SOURCES]
        reports = []
        for run in runs:
            reports.append(run.result())
            print(json.dumps(reports[-1], ensure_ascii=False), flush=True)
    (out / "report.json").write_text(json.dumps(reports, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
