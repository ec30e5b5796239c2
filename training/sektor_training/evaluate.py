"""Stage 8. Held-out perplexity of the base and of every adapter on every sector, and on running text.

    python -m sektor_training.evaluate --work DIR --datasets DIR --sectors FILE --report DIR

Measured on the weights as served (Q8_0 base, half-precision adapters, float32 arithmetic). Only the assistants' tokens
count; all models see the same inputs, with the system prompt of the evaluated sector.
"""

import argparse
import json
import math
import time
from pathlib import Path

import sentencepiece
import torch
from peft import PeftModel
from transformers import LlamaForCausalLM

from .adapter_training import mean_nats
from .chat_format import with_system_prompt
from .conversation_batches import Example, examples
from .dialogues import load_split
from .perplexity_report import RUNNING_TEXT, markdown_report, summary_of
from .sectors import load_sectors
from .served_weights import load_served_base, round_to_half
from .token_mixture import validation_tokens

TEXT_BLOCKS, TEXT_BLOCK = 24, 256


def running_text(work: Path) -> list[Example]:
    """Blocks spread evenly over the validation slice of the corpus, every token counted."""
    tokens = validation_tokens(work)
    stride = max(1, (len(tokens) - TEXT_BLOCK) // TEXT_BLOCKS)
    return [([int(t) for t in tokens[s : s + TEXT_BLOCK]], [True] * TEXT_BLOCK) for s in range(0, stride * TEXT_BLOCKS, stride)]


def perplexities(model: LlamaForCausalLM | PeftModel, data: dict[str, list[Example]]) -> dict[str, float]:
    return {name: math.exp(mean_nats(model, part)) for name, part in data.items()}


def measure_missing_rows(folder: Path, base: LlamaForCausalLM, adapters: Path, wanted: list[str], data: dict[str, list[Example]]) -> None:
    """One file per model, so that an interrupted run goes on and two processes can share the work."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [name for name in wanted if not (folder / f"{name}.json").exists()]
    started = time.monotonic()
    for number, name in enumerate(missing, 1):
        model = base
        if name != "base":
            model = PeftModel.from_pretrained(base, adapters / name)
            round_to_half(model)
        row = perplexities(model, data)
        (folder / f"{name}.json").write_text(json.dumps(row, indent=1) + "\n")
        base = model.unload() if isinstance(model, PeftModel) else model
        spent = time.monotonic() - started
        print(f"{number:2}/{len(missing)} {name:24} {row.get(name, row[RUNNING_TEXT]):8.2f}   {spent / number * (len(missing) - number):.0f} s left", flush=True)


def write_report(rows: dict[str, dict[str, float]], names: list[str], counts: dict[str, int], work: Path, report: Path) -> None:
    summary = summary_of(rows, names)
    report.mkdir(parents=True, exist_ok=True)
    content = {"schema": 1, "heldOutDialogues": counts, "summary": summary, "perplexity": rows}
    (report / "perplexity-matrix.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (report / "perplexity-matrix.md").write_text(markdown_report(rows, names, summary, counts), encoding="utf-8")
    (work / "held-out.json").write_text(json.dumps(summary["ownSector"], indent=2) + "\n")
    print(json.dumps({key: value for key, value in summary.items() if key != "ownSector"}, indent=2), flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--work", type=Path, required=True)
    arguments.add_argument("--datasets", type=Path, required=True)
    arguments.add_argument("--sectors", type=Path, required=True)
    arguments.add_argument("--report", type=Path, required=True)
    arguments.add_argument("--base", default="instruct")
    arguments.add_argument("--adapters", default="adapters")
    arguments.add_argument("--only", nargs="*", default=[], help="rows to measure in this process: base or sectors")
    arguments.add_argument("--again", action="store_true", help="forget rows measured before")
    arguments.add_argument("--threads", type=int, default=2)
    options = arguments.parse_args()

    torch.set_num_threads(options.threads)
    base_folder = options.work / f"{options.base}-hf"
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(base_folder / "tokenizer.model"))
    sectors = load_sectors(options.sectors)
    names = [sector.id for sector in sectors]
    data = {
        sector.id: examples(tokenizer, [with_system_prompt(d, sector.prompt) for d in load_split(options.datasets / "dialogues", sector.id).held_out])
        for sector in sectors
    }
    counts = {name: len(data[name]) for name in names}
    data[RUNNING_TEXT] = running_text(options.work)
    folder = options.work / "perplexity"
    if options.again:
        for file in folder.glob("*.json"):
            file.unlink()
    measure_missing_rows(folder, load_served_base(base_folder), options.work / options.adapters, options.only or ["base", *names], data)
    if all((folder / f"{name}.json").exists() for name in ["base", *names]):
        rows = {name: json.loads((folder / f"{name}.json").read_text()) for name in ["base", *names]}
        write_report(rows, names, counts, options.work, options.report)


if __name__ == "__main__":
    main()
