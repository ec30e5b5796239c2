"""Stage 5. Teaches the base model to chat, to answer from given passages with citations, to summarise and to call tools.

    python -m sektor_training.instruct --work DIR --datasets DIR --sectors FILE

The sector's skill is left to the adapters: the sector's own prompt only half of the time, and most of the plain dialogues are never
shown to the base. Finding and quoting is every sector's skill: the base practises it on running text and on all grounded dialogues.
"""

import argparse
import json
import random
import time
from pathlib import Path

import sentencepiece
import torch

from .chat_format import NEUTRAL_PROMPT, Message, with_system_prompt
from .conversation_batches import Example, examples, shuffled
from .dialogues import load_dialogues, load_split
from .hf_layout import load_checkpoint, write_hf_folder
from .knowledge import load_passages, with_passages
from .pretrain import validation_loss
from .quoting import quoting_tasks
from .schedule import learning_rate_share
from .sectors import Sector, load_sectors
from .token_mixture import TokenMixture, validation_tokens
from .tool_calls import tool_calls

SECTOR_PROMPT_SHARE, NEUTRAL_PROMPT_SHARE = 0.5, 0.4
DIALOGUES_TAKEN_EVERY = 16
RUNNING_TEXT_WEIGHT = 1.0
RUNNING_TEXT_ROWS, RUNNING_TEXT_LENGTH = 4, 256


def _prompt(sector: Sector | None, draw: random.Random) -> str | None:
    chance = draw.random()
    if sector and chance < SECTOR_PROMPT_SHARE:
        return sector.prompt
    return NEUTRAL_PROMPT if chance < SECTOR_PROMPT_SHARE + NEUTRAL_PROMPT_SHARE else None


def plain_conversations(dialogues: Path, sectors: list[Sector], general_repeats: int, draw: random.Random) -> list[list[Message]]:
    """Some of the training dialogues once, small talk several times, each with a freshly drawn system prompt."""
    result = []
    for sector in sectors:
        result += [with_system_prompt(d, _prompt(sector, draw)) for d in load_split(dialogues, sector.id).training[::DIALOGUES_TAKEN_EVERY]]
    for dialogue in load_dialogues(dialogues / "general.jsonl") * general_repeats:
        result.append(with_system_prompt(dialogue, _prompt(draw.choice(sectors) if draw.random() < 0.3 else None, draw)))
    return result


def grounded_conversations(datasets: Path, sectors: list[Sector], draw: random.Random) -> list[list[Message]]:
    """Every grounded training dialogue of every sector with its passages."""
    result = []
    for sector in sectors:
        passages = load_passages(datasets / "knowledge" / f"{sector.id}.jsonl")
        grounded = load_split(datasets / "dialogues", sector.id).grounded_training
        result += [with_passages(dialogue, passages, _prompt(sector, draw), draw) for dialogue in grounded]
    return result


def epoch_of(options: argparse.Namespace, sectors: list[Sector], draw: random.Random) -> list[list[Message]]:
    return [
        *plain_conversations(options.datasets / "dialogues", sectors, 2, draw),
        *grounded_conversations(options.datasets, sectors, draw),
        *quoting_tasks(options.work / "corpus", options.quotes, draw),
        *tool_calls(options.tool_calls, NEUTRAL_PROMPT, draw),
    ]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--work", type=Path, required=True)
    arguments.add_argument("--datasets", type=Path, required=True)
    arguments.add_argument("--sectors", type=Path, required=True)
    arguments.add_argument("--epochs", type=int, default=2)
    arguments.add_argument("--quotes", type=int, default=3000, help="an epoch")
    arguments.add_argument("--tool-calls", type=int, default=300, help="an epoch")
    arguments.add_argument("--rate", type=float, default=8e-4)
    arguments.add_argument("--rows", type=int, default=16)
    arguments.add_argument("--seed", type=int, default=17)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--base", default="base")
    arguments.add_argument("--out", default="instruct")
    options = arguments.parse_args()

    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    draw = random.Random(options.seed)
    tokenizer_file = options.work / "tokenizer" / "tokenizer.model"
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(tokenizer_file))
    sectors = load_sectors(options.sectors)
    model = load_checkpoint(options.work / f"{options.base}.pt")
    text = TokenMixture(options.work, options.seed + 1).batches(RUNNING_TEXT_ROWS, RUNNING_TEXT_LENGTH, "instruct")
    validation = torch.from_numpy(validation_tokens(options.work).astype("int64"))
    before = validation_loss(model, validation, 256)
    optimiser = torch.optim.AdamW(model.parameters(), lr=options.rate, betas=(0.9, 0.95), weight_decay=0.01, fused=True)

    epochs: list[list[Example]] = [examples(tokenizer, epoch_of(options, sectors, draw)) for _ in range(options.epochs)]
    total = sum(-(-len(epoch) // options.rows) for epoch in epochs)
    started, step, tokens = time.monotonic(), 0, 0
    for number, epoch in enumerate(epochs, 1):
        losses = []
        for inputs, targets in shuffled(epoch, options.rows, model.shape.context, draw):
            for group in optimiser.param_groups:
                group["lr"] = options.rate * learning_rate_share(step / total)
            block = next(text)
            with torch.autocast("cpu", torch.bfloat16):
                chat_loss = model.loss(inputs, targets)
                loss = chat_loss + RUNNING_TEXT_WEIGHT * model.loss(block[:, :-1], block[:, 1:])
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            losses.append(float(chat_loss.detach()))
            step, tokens = step + 1, tokens + inputs.numel() + block.numel()
            if step % 20 == 0:
                spent = time.monotonic() - started
                print(f"epoch {number}  step {step}/{total}  chat loss {sum(losses[-20:]) / 20:.3f}  {tokens / spent:,.0f} tokens/s  "
                      f"{spent / step * (total - step):.0f} s left", flush=True)
    torch.save({"shape": model.shape.as_dict(), "model": model.state_dict()}, options.work / f"{options.out}.pt")
    write_hf_folder(model, tokenizer_file, options.work / f"{options.out}-hf")
    summary = {"seed": options.seed, "epochs": options.epochs, "rate": options.rate, "quotesAnEpoch": options.quotes, "steps": step, "tokens": tokens,
               "seconds": round(time.monotonic() - started), "textLossBefore": round(before, 3), "textLossAfter": round(validation_loss(model, validation, 256), 3)}
    (options.work / f"{options.out}.json").write_text(json.dumps(summary, indent=2) + "\n")
    print(json.dumps(summary), flush=True)


if __name__ == "__main__":
    main()
