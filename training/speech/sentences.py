"""Speech stage 1. Sentences to say, sentences held out, and text for the language model.

    python -m speech.sentences --text WORK/corpus --datasets ../datasets --work DIR

`--text` is what `sektor_training.build_corpus` left. Reads the routing messages to train on (never the test ones), dialogues and knowledge as well.
A sentence is held out when the hash of its letters says so: no list to lose, and no repetition of it can slip into training.
Writes `sentences.jsonl` and `held-out.jsonl` ({"read", "text", "from"}), and for the language model `lm-callers.txt` and `lm-corpus.txt`
(one transcript a line; training side only).
"""

import argparse
import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from sektor_training.text_cleaning import split_sentences

from .made_up_words import made_up_sentence
from .spoken_text import spoken_form

HELD_OUT_ONE_IN = 60
MOST_LETTERS, LEAST_LETTERS = 95, 4
# Typed in a way nobody speaks.
WRITTEN_ONLY = frozenset(("ascii", "typo", "shorthand", "noise", "language"))
# How many sentences to say are drawn from each kind; what callers say weighs most.
SAID = {"messages": 1.0, "dialogues": 0.35, "knowledge": 0.5, "corpus": 0.03}


def is_held_out(transcript: str) -> bool:
    letters = transcript.replace(" ", "").encode()
    return int.from_bytes(hashlib.blake2b(letters, digest_size=8).digest(), "big") % HELD_OUT_ONE_IN == 0


def _records(path: Path) -> Iterator[dict]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def _texts(datasets: Path, corpus: Path) -> Iterator[tuple[str, str]]:
    for path in sorted((datasets / "routing" / "train").glob("*.jsonl")):
        yield from (("messages", record["text"]) for record in _records(path) if record.get("kind") not in WRITTEN_ONLY)
    for record in _records(datasets / "routing" / "conversations" / "train.jsonl"):
        yield from (("messages", turn["text"]) for turn in record["turns"])
    for path in sorted((datasets / "dialogues").glob("*.jsonl")):
        for record in _records(path):
            yield from (("messages" if m["role"] == "user" else "dialogues", m["content"] or "") for m in record["messages"] if m["role"] in ("user", "assistant"))
    for path in sorted((datasets / "knowledge").glob("*.jsonl")):
        yield from (("knowledge", record["text"]) for record in _records(path))
    for path in sorted(corpus.glob("*.jsonl")):
        if not path.name.endswith(".validation.jsonl"):
            yield from (("corpus", record["text"]) for record in _records(path))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--text", type=Path, required=True)
    arguments.add_argument("--datasets", type=Path, required=True)
    arguments.add_argument("--work", type=Path, required=True)
    arguments.add_argument("--made-up", type=int, default=3500, help="sentences of Turkish-shaped words that do not exist, which teach spelling")
    arguments.add_argument("--seed", type=int, default=5)
    options = arguments.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    draw = random.Random(options.seed)
    seen: set[str] = set()
    said: list[dict[str, str]] = []
    held: list[dict[str, str]] = []
    counts: Counter[str] = Counter()
    with (options.work / "lm-callers.txt").open("w", encoding="utf-8") as callers, (options.work / "lm-corpus.txt").open("w", encoding="utf-8") as corpus:
        for kind, text in _texts(options.datasets, options.text):
            for sentence in (s for line in text.split("\n") for s in split_sentences(line)):
                spoken = spoken_form(sentence) if len(sentence) < 400 else None
                if spoken is None:
                    continue
                read, transcript = spoken
                if is_held_out(transcript):
                    if transcript not in seen and 12 <= len(transcript) <= MOST_LETTERS and " " in transcript:
                        held.append({"read": read, "text": transcript, "from": kind})
                    seen.add(transcript)
                    continue
                (corpus if kind == "corpus" else callers).write(transcript + "\n")
                counts[f"lm:{kind}"] += 1
                if transcript in seen or not LEAST_LETTERS <= len(transcript) <= MOST_LETTERS or draw.random() > SAID[kind]:
                    continue
                seen.add(transcript)
                said.append({"read": read, "text": transcript, "from": kind})
    words = sorted({word for sentence in said for word in sentence["text"].split()})
    said += [{"read": text, "text": text, "from": "made-up"} for text in (made_up_sentence(draw, words) for _ in range(options.made_up))]
    for name, sentences in (("sentences", said), ("held-out", held)):
        draw.shuffle(sentences)
        with (options.work / f"{name}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(sentence, ensure_ascii=False) + "\n" for sentence in sentences)
        counts.update(f"{name}:{sentence['from']}" for sentence in sentences)
    print(json.dumps(counts, ensure_ascii=False))


if __name__ == "__main__":
    main()
