"""Stage 2. Trains the Turkish SentencePiece BPE tokenizer and reports its fertility.

    python -m sektor_training.train_tokenizer --work DIR [--vocabulary 8192] [--chat FILE.jsonl …]

SentencePiece, because llama.cpp reads it without a registered pre-tokenizer. Normalisation is the identity, so that İ, I, ı
and i stay what they are; no dummy prefix, so that a message begins with its own first letter.
"""

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path

import sentencepiece

from .chat_format import CONTROL_TOKENS
from .chat_style import as_typed_in_chat
from .corpus_sources import SOURCES

CHARACTERS_PER_SOURCE = 4_000_000


def _texts(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["text"]


def training_lines(work: Path, chat: list[Path], seed: int) -> list[str]:
    """An even sample of all sources; a tenth of it rewritten as people type in a chat."""
    draw = random.Random(seed)
    lines: list[str] = []
    for source in SOURCES:
        size = 0
        for text in _texts(work / "corpus" / f"{source.name}.jsonl"):
            style = as_typed_in_chat(text, draw) if draw.random() < 0.1 else text
            lines += style.split("\n")
            size += len(text)
            if size > CHARACTERS_PER_SOURCE:
                break
    for path in chat:
        for line in path.open(encoding="utf-8"):
            record = json.loads(line)
            lines += [record["text"]] if "text" in record else [m["content"] for m in record["messages"]]
    return lines


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--work", type=Path, required=True)
    arguments.add_argument("--vocabulary", type=int, default=8192)
    arguments.add_argument("--chat", type=Path, nargs="*", default=[])
    arguments.add_argument("--seed", type=int, default=17)
    options = arguments.parse_args()
    folder = options.work / "tokenizer"
    folder.mkdir(parents=True, exist_ok=True)
    lines = training_lines(options.work, options.chat, options.seed)
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_prefix=str(folder / "tokenizer"),
        vocab_size=options.vocabulary,
        model_type="bpe",
        byte_fallback=True,
        character_coverage=0.9999,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        add_dummy_prefix=False,
        split_digits=True,
        max_sentence_length=8192,
        unk_id=0, bos_id=1, eos_id=2, pad_id=-1,
        control_symbols=list(CONTROL_TOKENS),
        num_threads=2,
        minloglevel=1,
    )
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
    for source in SOURCES:
        sample = "\n".join(_texts(options.work / "corpus" / f"{source.name}.validation.jsonl"))[:300_000]
        tokens = len(tokenizer.encode(sample))
        print(f"{source.name:18} {tokens / len(sample.split()):.2f} tokens/word  {len(sample) / tokens:.2f} characters/token", flush=True)


if __name__ == "__main__":
    main()
