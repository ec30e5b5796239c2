"""Stage 3. Tokenises the cleaned corpus into uint16 files, one per source, and one validation file.

    python -m sektor_training.tokenise_corpus --work DIR
"""

import argparse
import json
import random
from pathlib import Path

import numpy as np
import sentencepiece

from .chat_format import END_OF_DOCUMENT
from .chat_style import as_typed_in_chat
from .corpus_sources import SOURCES

CHAT_STYLE_SHARE = 0.04


def tokenise(path: Path, tokenizer: sentencepiece.SentencePieceProcessor, draw: random.Random, chat_share: float) -> np.ndarray:
    end = tokenizer.piece_to_id(END_OF_DOCUMENT)
    texts = [json.loads(line)["text"] for line in path.open(encoding="utf-8")]
    texts = [as_typed_in_chat(text, draw) if draw.random() < chat_share else text for text in texts]
    ids = tokenizer.encode(texts, num_threads=2)
    return np.concatenate([np.array([*document, end], dtype=np.uint16) for document in ids])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--work", type=Path, required=True)
    arguments.add_argument("--seed", type=int, default=17)
    options = arguments.parse_args()
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(options.work / "tokenizer" / "tokenizer.model"))
    out = options.work / "tokens"
    out.mkdir(exist_ok=True)
    counts: dict[str, int] = {}
    validation = []
    for source in SOURCES:
        draw = random.Random(f"{options.seed}:{source.name}")
        tokens = tokenise(options.work / "corpus" / f"{source.name}.jsonl", tokenizer, draw, CHAT_STYLE_SHARE)
        tokens.tofile(out / f"{source.name}.u16")
        counts[source.name] = len(tokens)
        validation.append(tokenise(options.work / "corpus" / f"{source.name}.validation.jsonl", tokenizer, draw, 0.0)[:40_000])
        print(f"{source.name:18} {len(tokens):>12,} tokens", flush=True)
    np.concatenate(validation).tofile(out / "validation.u16")
    counts["validation"] = sum(map(len, validation))
    (out / "counts.json").write_text(json.dumps(counts, indent=2) + "\n")
    print(f"{'all':18} {sum(counts.values()):>12,} tokens", flush=True)


if __name__ == "__main__":
    main()
