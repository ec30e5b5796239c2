"""Stage 6. Trains one LoRA adapter per sector on the instructed base.

    python -m sektor_training.adapters --work DIR --datasets DIR --sectors FILE [--only finance_banking …]
    python -m sektor_training.adapters … --sweep 0.002 0.005   # rates compared on a development slice of three sectors

An adapter learns from its sector's plain dialogues, some of them under passages that do not help, and from its grounded ones.
Finished adapters are kept: running again trains what is missing.
"""

import argparse
import json
import math
import random
import time
from dataclasses import replace
from pathlib import Path

import sentencepiece
import torch

from .adapter_training import AdapterSettings, mean_nats, train_adapter
from .chat_format import render, with_system_prompt
from .conversation_batches import Example, examples
from .dialogues import load_split
from .keeping import Keeping
from .knowledge import beside_passages, load_passages, with_passages
from .sectors import Sector, load_sectors
from .served_weights import load_served_base
from .token_mixture import TokenMixture

BESIDE_EVERY = 4
KEPT_DIALOGUES_A_SECTOR, KEPT_TEXTS, KEPT_TEXT_LENGTH, KEPT_ROWS = 12, 256, 128, 2
SWEEP_SECTORS = ("finance_banking", "energy_distribution", "agriculture")


def _examples(tokenizer: sentencepiece.SentencePieceProcessor, sector: Sector, dialogues: list) -> list[Example]:
    return examples(tokenizer, [with_system_prompt(dialogue, sector.prompt) for dialogue in dialogues])


def training_examples(
    tokenizer: sentencepiece.SentencePieceProcessor, sector: Sector, datasets: Path, seed: int, development: bool = True
) -> list[Example]:
    """@param development whether the development slice of the plain dialogues is learned too"""
    split = load_split(datasets / "dialogues", sector.id)
    plain = split.training if development else split.without_development()[0]
    passages = load_passages(datasets / "knowledge" / f"{sector.id}.jsonl")
    draw = random.Random(seed)
    grounded = [with_passages(dialogue, passages, sector.prompt, draw) for dialogue in split.grounded_training]
    beside = [beside_passages(dialogue, passages, sector.prompt, draw) for dialogue in plain[::BESIDE_EVERY]]
    return _examples(tokenizer, sector, plain) + examples(tokenizer, grounded + beside)


def keeping_for(sector: Sector, work: Path, tokenizer: sentencepiece.SentencePieceProcessor, sectors: list[Sector], datasets: Path,
                weight: float, seed: int) -> Keeping:
    """Other sectors' training dialogues under their own prompts, and blocks of running text."""
    draw = random.Random(seed)
    others = [
        render(tokenizer, with_system_prompt(dialogue, other.prompt))[0]
        for other in sectors if other.id != sector.id
        for dialogue in draw.sample(load_split(datasets / "dialogues", other.id).training, KEPT_DIALOGUES_A_SECTOR)
    ]
    blocks = TokenMixture(work, seed).batches(KEPT_TEXTS, KEPT_TEXT_LENGTH, "keeping")
    return Keeping(others, next(blocks).tolist(), KEPT_ROWS, weight)


def sweep(base_folder: Path, tokenizer: sentencepiece.SentencePieceProcessor, sectors: list[Sector], options: argparse.Namespace,
          settings: list[AdapterSettings]) -> None:
    """Reduction on a development slice of the own sector, change on the slices of the other two and on running text."""
    chosen = [sector for sector in sectors if sector.id in SWEEP_SECTORS]
    base = load_served_base(base_folder).bfloat16()
    development = {}
    for sector in chosen:
        held = load_split(options.datasets / "dialogues", sector.id).without_development()[1]
        development[sector.id] = _examples(tokenizer, sector, held)
    text = TokenMixture(options.work, options.seed).batches(24, KEPT_TEXT_LENGTH, "sweep")
    development["text"] = [(block, [True] * len(block)) for block in next(text).tolist()]
    before = {name: mean_nats(base, part) for name, part in development.items()}
    for setting in settings:
        started = time.monotonic()
        own, other, texts = [], [], []
        for sector in chosen:
            training = training_examples(tokenizer, sector, options.datasets, options.seed, development=False)
            kept = keeping_for(sector, options.work, tokenizer, sectors, options.datasets, options.keep, options.seed)
            model = train_adapter(base, training, setting, options.seed, kept)
            change = {name: math.exp(mean_nats(model, part) - before[name]) - 1 for name, part in development.items()}
            own.append(change[sector.id])
            texts.append(change["text"])
            other += [value for name, value in change.items() if name not in (sector.id, "text")]
            base = model.unload()
        print(f"rank {setting.rank}  rate {setting.rate:g}  epochs {setting.epochs:2}  keep {options.keep:g}  own {'  '.join(f'{c:+6.1%}' for c in own)}  "
              f"others mean {sum(other) / len(other):+.1%} worst {max(other):+.1%}  text mean {sum(texts) / len(texts):+.1%}  "
              f"{(time.monotonic() - started) / len(chosen):.0f} s each", flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--work", type=Path, required=True)
    arguments.add_argument("--datasets", type=Path, required=True)
    arguments.add_argument("--sectors", type=Path, required=True)
    arguments.add_argument("--base", default="instruct")
    arguments.add_argument("--only", nargs="*", default=[])
    arguments.add_argument("--rank", type=int, default=AdapterSettings.rank)
    arguments.add_argument("--rate", type=float, default=AdapterSettings.rate)
    arguments.add_argument("--epochs", type=int, default=AdapterSettings.epochs)
    arguments.add_argument("--keep", type=float, default=2.0, help="weight of staying with the base where the sector is not asked for")
    arguments.add_argument("--seed", type=int, default=17)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--out", default="adapters")
    arguments.add_argument("--sweep", type=float, nargs="*", help="learning rates to compare instead of training")
    options = arguments.parse_args()

    torch.set_num_threads(options.threads)
    base_folder = options.work / f"{options.base}-hf"
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(base_folder / "tokenizer.model"))
    sectors = load_sectors(options.sectors)
    settings = AdapterSettings(rank=options.rank, rate=options.rate, epochs=options.epochs)
    if options.sweep:
        compared = [replace(settings, rate=rate) for rate in options.sweep]
        sweep(base_folder, tokenizer, sectors, options, compared)
        return
    wanted = [sector for sector in sectors if not options.only or sector.id in options.only]
    base = load_served_base(base_folder).bfloat16()
    for number, sector in enumerate(wanted, 1):
        folder = options.work / options.out / sector.id
        if (folder / "run.json").exists():
            continue
        started = time.monotonic()
        training = training_examples(tokenizer, sector, options.datasets, options.seed)
        kept = keeping_for(sector, options.work, tokenizer, sectors, options.datasets, options.keep, options.seed)
        model = train_adapter(base, training, settings, options.seed, kept)
        loss = mean_nats(model, training)
        model.save_pretrained(folder)
        base = model.unload()
        run = {"seed": options.seed, "rank": settings.rank, "alpha": settings.alpha, "epochs": settings.epochs, "rate": settings.rate, "keep": options.keep,
               "dialogues": len(training), "seconds": round(time.monotonic() - started, 1), "trainingPerplexity": round(math.exp(loss), 2)}
        (folder / "run.json").write_text(json.dumps(run, indent=2) + "\n")
        print(f"{number:2}/{len(wanted)} {sector.id:24} training perplexity {run['trainingPerplexity']:7.2f}  {run['seconds']} s", flush=True)


if __name__ == "__main__":
    main()
