"""Stage 6. Trains one LoRA adapter per sector on the instructed base.

    python -m sektor_training.adapters --work DIR --datasets DIR --sectors FILE [--only finance_banking …]
    python -m sektor_training.adapters … --sweep 0.002 0.005   # settings compared on a development slice of three sectors

An adapter learns from its sector's plain dialogues and, with their passages in the prompt, from its grounded ones.
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
from .chat_format import with_system_prompt
from .conversation_batches import Example, examples
from .dialogues import load_split
from .knowledge import load_passages, with_passages
from .sectors import Sector, load_sectors
from .served_weights import load_served_base

SWEEP_SECTORS = ("finance_banking", "energy_distribution", "agriculture")


def _examples(tokenizer: sentencepiece.SentencePieceProcessor, sector: Sector, dialogues: list) -> list[Example]:
    return examples(tokenizer, [with_system_prompt(dialogue, sector.prompt) for dialogue in dialogues])


def training_examples(tokenizer: sentencepiece.SentencePieceProcessor, sector: Sector, datasets: Path, seed: int) -> list[Example]:
    split = load_split(datasets / "dialogues", sector.id)
    passages = load_passages(datasets / "knowledge" / f"{sector.id}.jsonl")
    draw = random.Random(seed)
    grounded = [with_passages(dialogue, passages, sector.prompt, draw) for dialogue in split.grounded_training]
    return _examples(tokenizer, sector, split.training) + examples(tokenizer, grounded)


def sweep(base_folder: Path, tokenizer: sentencepiece.SentencePieceProcessor, datasets: Path, sectors: list[Sector], settings: list[AdapterSettings], seed: int) -> None:
    chosen = [sector for sector in sectors if sector.id in SWEEP_SECTORS]
    base = load_served_base(base_folder).bfloat16()
    data = {}
    for sector in chosen:
        training, development = load_split(datasets / "dialogues", sector.id).without_development()
        data[sector.id] = _examples(tokenizer, sector, training), _examples(tokenizer, sector, development)
    before = {name: mean_nats(base, development) for name, (_, development) in data.items()}
    for setting in settings:
        started = time.monotonic()
        reductions = []
        for name, (training, development) in data.items():
            model = train_adapter(base, training, setting, seed)
            reductions.append(1 - math.exp(mean_nats(model, development) - before[name]))
            base = model.unload()
        print(f"rank {setting.rank}  rate {setting.rate:g}  epochs {setting.epochs:2}  reduction {'  '.join(f'{r:6.1%}' for r in reductions)}  "
              f"mean {sum(reductions) / len(reductions):.1%}  {(time.monotonic() - started) / len(data):.0f} s each", flush=True)


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
        sweep(base_folder, tokenizer, options.datasets, sectors, compared, options.seed)
        return
    wanted = [sector for sector in sectors if not options.only or sector.id in options.only]
    base = load_served_base(base_folder).bfloat16()
    for number, sector in enumerate(wanted, 1):
        folder = options.work / options.out / sector.id
        if (folder / "run.json").exists():
            continue
        started = time.monotonic()
        training = training_examples(tokenizer, sector, options.datasets, options.seed)
        model = train_adapter(base, training, settings, options.seed)
        loss = mean_nats(model, training)
        model.save_pretrained(folder)
        base = model.unload()
        run = {"seed": options.seed, "rank": settings.rank, "alpha": settings.alpha, "epochs": settings.epochs, "rate": settings.rate,
               "dialogues": len(training), "seconds": round(time.monotonic() - started, 1), "trainingPerplexity": round(math.exp(loss), 2)}
        (folder / "run.json").write_text(json.dumps(run, indent=2) + "\n")
        print(f"{number:2}/{len(wanted)} {sector.id:24} training perplexity {run['trainingPerplexity']:7.2f}  {run['seconds']} s", flush=True)


if __name__ == "__main__":
    main()
