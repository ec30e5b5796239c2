"""Speech stage 6. Text → the small language model of the recogniser's beam search, models/speech/tr-lm-v1.bin.

    python -m speech.language_model --work DIR --models ../models/speech

Two models in one file. Letters: six-grams over 29 letters and the space, interpolated absolute discounting, pruned by how much an entry changes the
text's likelihood (Seymore and Rosenfeld 1996), back-off weights computed anew. Words: how often the commonest words are said, by a hash of their letters.
What callers say counts `--callers` times; sentences held out for measuring are in neither.

Layout, little-endian, every block at a multiple of 4: `SLM1`, u32 header length, JSON header (`orders`, `words`, `unit`, `buckets`), then for orders 1 to 3
dense tables (32^order entries: u8 cost, u8 back-off), for orders 4 to 6 buckets u32[32^(order-3) + 1], keys u16[entries], costs u8[entries] and, below 6,
back-offs u8[entries]; at last words: buckets u32[2^14 + 1], keys u16, costs u8. A cost is -ln p in steps of `unit`; a letter's code is its number in tokens.txt;
an n-gram's key is its letters, five bits each, the oldest first: the low three letters are the key, the rest the bucket. A word's hash is FNV-1a over its
letters' numbers, cut to 30 bits: 14 bits bucket, 16 bits key.
"""

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np

from .manifest import record
from .model import SYMBOL_OF

ORDER = 6
UNIT = 0.0625
DISCOUNT = {1: 0.0, 2: 0.5, 3: 0.6, 4: 0.7, 5: 0.75, 6: 0.8}
SPACE = SYMBOL_OF[" "]
WORD_BITS, WORD_KEY_BITS = 30, 16


def encoded(path: Path) -> np.ndarray:
    """The letters' numbers of a text, one space between sentences as between words."""
    table = np.zeros(0x180, np.uint8)
    for symbol, number in SYMBOL_OF.items():
        if len(symbol) == 1:
            table[ord(symbol)] = number
    text = " " + path.read_text(encoding="utf-8").replace("\n", " ")
    return table[np.frombuffer(text.encode("utf-32-le"), "<u4")]


def word_hash(word: str) -> int:
    value = 0x811C9DC5
    for letter in word:
        value = ((value ^ SYMBOL_OF[letter]) * 0x01000193) & 0xFFFFFFFF
    return value >> (32 - WORD_BITS)


def counted(texts: list[tuple[np.ndarray, float]], order: int) -> tuple[np.ndarray, np.ndarray]:
    """(keys ascending, weighted counts) of all n-grams."""
    keys, counts = [], []
    for letters, weight in texts:
        codes = np.zeros(len(letters) - order + 1, np.uint32)
        for offset in range(order):
            codes = (codes << 5) | letters[offset : len(letters) - order + 1 + offset]
        found, times = np.unique(codes, return_counts=True)
        keys.append(found)
        counts.append(times * weight)
    everything = np.concatenate(keys)
    unique, where = np.unique(everything, return_inverse=True)
    return unique, np.bincount(where, np.concatenate(counts))


def lookup(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Positions of `wanted` in ascending `keys`; -1 where absent."""
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, at, -1)


class Letters:
    """Per order: keys ascending, p(last letter | the others), back-off weight of the whole n-gram as a context."""

    def __init__(self, texts: list[tuple[np.ndarray, float]], kept: dict[int, int]) -> None:
        self.keys: dict[int, np.ndarray] = {}
        self.p: dict[int, np.ndarray] = {}
        self.backoff: dict[int, np.ndarray] = {}
        full: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
        for order in range(1, ORDER + 1):
            keys, counts = counted(texts, order)
            contexts, where = np.unique(keys >> 5, return_inverse=True)
            total = np.bincount(where, counts)
            left = DISCOUNT[order] * np.bincount(where)
            own = np.maximum(counts - DISCOUNT[order], 0) / total[where]
            if order == 1:
                p = own
            else:
                lower_keys, lower_p, _ = full[order - 1]
                suffix = keys & np.uint32((1 << 5 * (order - 1)) - 1)
                p = own + (left / total)[where] * lower_p[lookup(lower_keys, suffix)]
            full[order] = (keys, p, counts)
        self._prune(full, kept)
        self._back_off()

    def _prune(self, full: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]], kept: dict[int, int]) -> None:
        needed = np.zeros(0, np.uint32)
        for order in range(ORDER, 0, -1):
            keys, p, counts = full[order]
            keep = np.ones(len(keys), bool)
            if order in kept and kept[order] < len(keys):
                lower_keys, lower_p, _ = full[order - 1]
                suffix = keys & np.uint32((1 << 5 * (order - 1)) - 1)
                gain = counts * np.abs(np.log(p / lower_p[lookup(lower_keys, suffix)]))
                keep = gain >= np.partition(gain, len(gain) - kept[order])[len(gain) - kept[order]]
            # A context must be there for its back-off weight.
            at = lookup(keys, needed)
            keep[at[at >= 0]] = True
            self.keys[order], self.p[order] = keys[keep], p[keep]
            needed = np.unique(self.keys[order] >> 5)

    def probability(self, order: int, keys: np.ndarray) -> np.ndarray:
        """p of the last letter of each key under the pruned model."""
        if order == 1:
            return self.p[1][lookup(self.keys[1], keys)]
        at = lookup(self.keys[order], keys)
        context = lookup(self.keys[order - 1], keys >> 5)
        weight = np.where(context >= 0, self.backoff[order - 1][np.maximum(context, 0)], 1.0)
        lower = self.probability(order - 1, keys & np.uint32((1 << 5 * (order - 1)) - 1))
        return np.where(at >= 0, self.p[order][np.maximum(at, 0)], weight * lower)

    def _back_off(self) -> None:
        for order in range(1, ORDER):
            self.backoff[order] = np.ones(len(self.keys[order]))
            longer = self.keys[order + 1]
            context = lookup(self.keys[order], longer >> 5)
            lower = self.probability(order, longer & np.uint32((1 << 5 * order) - 1))
            size = len(self.keys[order])
            taken = np.bincount(context, self.p[order + 1], size)
            covered = np.bincount(context, lower, size)
            self.backoff[order] = np.clip((1 - taken) / np.maximum(1 - covered, 1e-6), 1e-4, 1e3)

    def bits_a_letter(self, letters: np.ndarray) -> float:
        codes = np.zeros(len(letters) - ORDER + 1, np.uint32)
        for offset in range(ORDER):
            codes = (codes << 5) | letters[offset : len(letters) - ORDER + 1 + offset]
        return float(-np.log2(self.probability(ORDER, codes)).mean())


def costs(p: np.ndarray) -> np.ndarray:
    return np.clip(np.round(-np.log(p) / UNIT), 0, 255).astype(np.uint8)


def weights(backoff: np.ndarray) -> np.ndarray:
    """A back-off weight can be above 1: stored as a cost moved by 64 steps."""
    return np.clip(np.round(-np.log(backoff) / UNIT) + 64, 0, 255).astype(np.uint8)


def buckets_of(buckets: np.ndarray, count: int) -> np.ndarray:
    return np.searchsorted(buckets, np.arange(count + 1)).astype("<u4")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--work", type=Path, required=True)
    arguments.add_argument("--models", type=Path, required=True)
    arguments.add_argument("--callers", type=float, default=12)
    arguments.add_argument("--six-grams", type=int, default=520_000)
    arguments.add_argument("--five-grams", type=int, default=160_000)
    arguments.add_argument("--four-grams", type=int, default=90_000)
    arguments.add_argument("--words", type=int, default=130_000)
    options = arguments.parse_args()
    texts = [(encoded(options.work / "lm-callers.txt"), options.callers), (encoded(options.work / "lm-corpus.txt"), 1.0)]
    letters = Letters(texts, {6: options.six_grams, 5: options.five_grams, 4: options.four_grams})

    words: Counter[str] = Counter()
    for name, weight in (("lm-callers.txt", options.callers), ("lm-corpus.txt", 1)):
        times = Counter((options.work / name).read_text(encoding="utf-8").split())
        words.update({word: round(count * weight) for word, count in times.items()})
    total = sum(words.values())
    common = {word_hash(word): count for word, count in reversed(words.most_common(options.words)) if count > 1}
    hashes = np.array(sorted(common), np.uint32)
    word_p = np.array([common[int(h)] / total for h in hashes])

    blocks: list[np.ndarray] = []
    for order in (1, 2, 3):
        dense = np.zeros((32**order, 2), np.uint8)
        codes = np.arange(32**order, dtype=np.uint32)
        inside = np.ones(len(codes), bool)
        for place in range(order):
            letter = (codes >> np.uint32(5 * place)) & 31
            inside &= (letter > 0) & (letter < len(SYMBOL_OF))
        dense[inside, 0] = costs(letters.probability(order, codes[inside]))
        at = lookup(letters.keys[order], codes[inside])
        dense[inside, 1] = weights(np.where(at >= 0, letters.backoff[order][np.maximum(at, 0)], 1.0))
        blocks.append(dense)
    for order in (4, 5, 6):
        keys = letters.keys[order]
        blocks += [buckets_of(keys >> 15, 32 ** (order - 3)), (keys & 0x7FFF).astype("<u2"), costs(letters.p[order])]
        if order < ORDER:
            blocks.append(weights(letters.backoff[order]))
    blocks += [buckets_of(hashes >> WORD_KEY_BITS, 1 << (WORD_BITS - WORD_KEY_BITS)), (hashes & 0xFFFF).astype("<u2"), costs(word_p)]

    held = options.work / "held-out.jsonl"
    with held.open(encoding="utf-8") as lines:
        held_text = " ".join(json.loads(line)["text"] for line in lines)
    check = options.work / "lm-check.txt"
    check.write_text(held_text, encoding="utf-8")
    held_words = held_text.split()
    report = {
        "letterNgrams": {order: len(letters.keys[order]) for order in range(1, ORDER + 1)}, "words": len(hashes),
        "heldOutBitsALetter": round(letters.bits_a_letter(encoded(check)), 3),
        "heldOutWordsKnown": round(sum(word_hash(word) in common for word in held_words) / len(held_words), 4),
    }
    header = json.dumps({"schema": "sektor-speech-lm-1", "unit": UNIT, "entries": [len(letters.keys[order]) for order in (4, 5, 6)], "words": len(hashes)}).encode()
    header += b" " * (-len(header) % 4)
    file = options.models / "tr-lm-v1.bin"
    with file.open("wb") as out:
        out.write(b"SLM1" + np.uint32(len(header)).tobytes() + header)
        for block in blocks:
            raw = block.tobytes()
            out.write(raw + b"\0" * (-len(raw) % 4))
    record(options.models, "languageModel", file.name, {**report, "licence": "CC-BY-SA-4.0"})
    print(json.dumps({**report, "bytes": file.stat().st_size}))


if __name__ == "__main__":
    main()
