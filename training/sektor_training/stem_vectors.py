"""Stage 9. Stem vectors for the router: which words keep the same company in the cleaned corpus, without any label.

    python -m sektor_training.stem_vectors --work DIR --models DIR

Every word is cut to its first five letters (Turkish puts the stem first), folded as the router folds (`text-codes.ts`). Stems that stand within
ten words of each other are counted together, less the further apart; positive pointwise mutual information, then truncated singular vectors
(Levy and Goldberg 2014; context counts raised to 0.75, Levy et al. 2015). One row is a stem's direction times its rarity, as int8 with a scale.

`models/router/stems.bin`, little-endian: [stems] hash i32 (FNV-1a over the stem's letters), [stems] scale f32, [stems x dimensions] i8, commonest
stem first. `stems.json` describes it. The vectors are kept in `--work/stem-vectors-TIMES-SEED.npz`: another `--dimensions` or `--stems` takes a second.
"""

import argparse
import hashlib
import json
import re
import time
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np
import scipy.sparse as sparse
from sklearn.utils.extmath import randomized_svd

from .corpus_sources import SOURCES

SCHEMA = "sektor-stems-1"
LICENCE = "CC-BY-SA-4.0"
STEM_LETTERS = 5
WINDOW = 10
LEAST_TIMES = 5
MOST_STEMS = 30_000
MOST_DIMENSIONS = 160
# A word above this share of the corpus is left out of some of its windows: "bir" says little about its neighbours.
COMMON_SHARE = 3e-5
PAIRS_AT_ONCE = 8_000_000

_ASCII = str.maketrans("ğüşıöçâîû", "gusiocaiu")
_LONG = re.compile(r"([a-z])\1{2,}")
_STEM = re.compile(r"[a-z]{2,5}")


class _Units(dict):
    """How one character is read: a letter without its marks, a space, or nothing at all."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kind = unicodedata.category(character)
        if kind[0] == "M" or kind == "Cf":
            read = ""
        elif kind[0] in "LN":
            read = unicodedata.normalize("NFKD", character).translate(_ASCII)[:1]
        else:
            read = " "
        self[code] = read
        return read


_units = _Units()


def stems_of(text: str) -> list[str]:
    """The stems of a text in order: first five letters of every word of two letters or more that begins with plain letters."""
    lower = unicodedata.normalize("NFC", text).replace("I", "ı").replace("İ", "i").lower()
    read = _LONG.sub(r"\1", lower.translate(_units))
    return [word[:STEM_LETTERS] for word in read.split() if len(word) > 1 and _STEM.fullmatch(word[:STEM_LETTERS])]


def stem_hash(stem: str) -> int:
    """FNV-1a, 32 bits, signed, as in `features.ts`."""
    value = 0x811C9DC5
    for letter in stem.encode("ascii"):
        value = ((value ^ letter) * 0x01000193) & 0xFFFFFFFF
    return value - (1 << 32) if value >= 1 << 31 else value


def _read_corpus(folder: Path) -> tuple[list[list[str]], Counter, dict[str, int]]:
    documents: list[list[str]] = []
    times: Counter = Counter()
    read: dict[str, int] = {}
    for source in SOURCES:
        with (folder / f"{source.name}.jsonl").open(encoding="utf-8") as lines:
            for line in lines:
                stems = stems_of(json.loads(line)["text"])
                documents.append(stems)
                times.update(stems)
                read[source.name] = read.get(source.name, 0) + 1
        print(f"{source.name:18} {read[source.name]:>8,} documents", flush=True)
    return documents, times, read


def _company(documents: list[list[str]], vocabulary: list[str], times: Counter, seed: int) -> sparse.csr_matrix:
    """[stems x stems] how often two stems stand near each other, nearer counting more; symmetric."""
    index = {stem: at for at, stem in enumerate(vocabulary)}
    draw = np.random.default_rng(seed)
    size = len(vocabulary)
    counts = np.array([times[stem] for stem in vocabulary])
    kept_share = np.minimum(1, np.sqrt(COMMON_SHARE * sum(times.values()) / counts))
    near = sparse.csr_matrix((size, size), dtype=np.float32)
    rows: list[np.ndarray] = []
    columns: list[np.ndarray] = []
    values: list[np.ndarray] = []
    waiting = 0

    def gathered() -> sparse.csr_matrix:
        pairs = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
        return near + sparse.coo_matrix(pairs, shape=(size, size)).tocsr()

    for stems in documents:
        ids = np.array([index[stem] for stem in stems if stem in index], dtype=np.int64)
        ids = ids[draw.random(len(ids)) < kept_share[ids]]
        for distance in range(1, min(WINDOW, len(ids) - 1) + 1):
            rows.append(ids[:-distance])
            columns.append(ids[distance:])
            values.append(np.full(len(ids) - distance, 1 / (1 + distance / 5), dtype=np.float32))
            waiting += len(ids) - distance
        if waiting > PAIRS_AT_ONCE:
            near = gathered()
            rows, columns, values, waiting = [], [], [], 0
            print(".", end="", flush=True)
    if waiting:
        near = gathered()
    print(flush=True)
    return (near + near.T).tocsr()


def _directions(near: sparse.csr_matrix, seed: int) -> np.ndarray:
    """[stems x MOST_DIMENSIONS] singular vectors of positive mutual information, the strongest first."""
    sums = np.asarray(near.sum(1)).ravel()
    context = sums**0.75
    pairs = near.tocoo()
    information = np.log(pairs.data * context.sum() / (sums[pairs.row] * context[pairs.col]))
    positive = information > 0
    matrix = sparse.csr_matrix((information[positive], (pairs.row[positive], pairs.col[positive])), shape=near.shape)
    left, strength, _ = randomized_svd(matrix, n_components=MOST_DIMENSIONS, n_iter=4, random_state=seed)
    return (left * np.sqrt(strength)).astype(np.float32)


def _learn(work: Path, least_times: int, seed: int) -> dict[str, np.ndarray]:
    started = time.monotonic()
    documents, times, read = _read_corpus(work / "corpus")
    vocabulary = [stem for stem, count in times.most_common(MOST_STEMS) if count >= least_times]
    vectors = _directions(_company(documents, vocabulary, times, seed), seed)
    counts = np.array([times[stem] for stem in vocabulary])
    print(f"{sum(times.values()):,} words, {len(vocabulary):,} stems, {time.monotonic() - started:.0f} s", flush=True)
    return {
        "vectors": vectors, "stems": np.array(vocabulary), "counts": counts,
        "words": np.array(sum(times.values())), "documents": np.array([read[source.name] for source in SOURCES]),
    }


def _encode(learnt: dict[str, np.ndarray], stems: int, dimensions: int) -> tuple[bytes, int]:
    vectors = learnt["vectors"][:stems, :dimensions]
    vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    vectors = vectors * np.log(learnt["words"] / learnt["counts"][:stems])[:, None]
    hashes = np.array([stem_hash(str(stem)) for stem in learnt["stems"][:stems]], dtype="<i4")
    _, first = np.unique(hashes, return_index=True)
    kept = np.sort(first)  # two stems with one hash: the commoner stays
    vectors, hashes = vectors[kept], hashes[kept]
    scale = (np.abs(vectors).max(1) / 127).astype("<f4")
    rows = np.rint(vectors / np.maximum(scale, 1e-12)[:, None]).astype(np.int8)
    return hashes.tobytes() + scale.tobytes() + rows.tobytes(), len(kept)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--work", type=Path, required=True)
    arguments.add_argument("--models", type=Path, required=True)
    arguments.add_argument("--dimensions", type=int, default=96)
    arguments.add_argument("--stems", type=int, default=24_000)
    arguments.add_argument("--least-times", type=int, default=LEAST_TIMES)
    arguments.add_argument("--seed", type=int, default=0)
    options = arguments.parse_args()
    kept = options.work / f"stem-vectors-{options.least_times}-{options.seed}.npz"
    if not kept.exists():
        np.savez(kept, **_learn(options.work, options.least_times, options.seed))
    learnt = dict(np.load(kept))
    content, stems = _encode(learnt, options.stems, min(options.dimensions, MOST_DIMENSIONS))
    header = {
        "schema": SCHEMA, "stems": stems, "dimensions": min(options.dimensions, MOST_DIMENSIONS), "stemLetters": STEM_LETTERS,
        "sha256": hashlib.sha256(content).hexdigest(), "licence": LICENCE, "words": int(learnt["words"]), "window": WINDOW, "seed": options.seed,
        "sources": [
            {"name": source.name, "origin": source.origin, "licence": source.licence, "documents": int(documents)}
            for source, documents in zip(SOURCES, learnt["documents"], strict=True)
        ],
    }
    folder = options.models / "router"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "stems.bin").write_bytes(content)
    (folder / "stems.json").write_text(json.dumps(header, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(f"stems.bin  {stems:,} stems x {header['dimensions']}  {len(content) / 1e6:.2f} MB", flush=True)


if __name__ == "__main__":
    main()
