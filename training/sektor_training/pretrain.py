"""Stage 4. Trains the base model on running text for a given number of tokens.

    python -m sektor_training.pretrain --work DIR --million-tokens 24

The rates follow the share of the budget that is used, so the result does not depend on how busy the machine is. `--resume`
goes on from the last checkpoint, also with another budget or other rates: a smaller one ends sooner with annealed weights, a larger
one adds to a finished run. Most blocks are short; the last tenth of the tokens sees the full context.
"""

import argparse
import json
import math
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from .head_loss import chunked_head_loss
from .model import ModelShape, SmallLlama
from .optimisers import PairedOptimiser
from .schedule import learning_rate_share
from .token_mixture import TokenMixture, validation_tokens

CHECKPOINT_EVERY_S = 240.0
REPORT_EVERY_STEPS = 20


@dataclass(frozen=True)
class Phase:
    """Rows of `length` tokens until `until` (a fraction of the token budget). Too short a phase is not worth compiling for."""

    until: float
    rows: int
    length: int
    compiled: bool


PHASES = (Phase(0.9, 16, 256, compiled=True), Phase(1.0, 4, 1024, compiled=False))


@torch.no_grad()
def validation_loss(model: SmallLlama, tokens: Tensor, length: int, limit: int = 64) -> float:
    """Mean nats a token on the validation slice, in blocks of `length`, evenly spread over it."""
    blocks = (len(tokens) - 1) // length
    chosen = range(0, blocks, max(1, blocks * length // (limit * 512)))
    total, count = 0.0, 0
    for index in chosen:
        block = tokens[index * length : index * length + length + 1][None]
        with torch.autocast("cpu", torch.bfloat16):
            total += float(model.loss(block[:, :-1], block[:, 1:])) * length
        count += length
    return total / count


def save_checkpoint(path: Path, model: SmallLlama, optimiser: PairedOptimiser, progress: dict[str, float]) -> None:
    temporary = path.with_suffix(".part")
    torch.save({"shape": model.shape.as_dict(), "model": model.state_dict(), "optimiser": optimiser.state_dict(), "progress": progress}, temporary)
    temporary.replace(path)


def training_step(model: SmallLlama, hidden: torch.nn.Module, batch: Tensor) -> float:
    with torch.autocast("cpu", torch.bfloat16):
        states = hidden(batch[:, :-1])
    loss = chunked_head_loss(states.reshape(-1, states.shape[-1]).bfloat16(), model.embedding.weight, batch[:, 1:].reshape(-1))
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    return float(loss.detach())


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--work", type=Path, required=True)
    arguments.add_argument("--million-tokens", type=float, default=24.0)
    arguments.add_argument("--layers", type=int, default=ModelShape.layers)
    arguments.add_argument("--width", type=int, default=ModelShape.width)
    arguments.add_argument("--matrix-rate", type=float, default=1.5e-3)
    arguments.add_argument("--embedding-rate", type=float, default=2e-3)
    arguments.add_argument("--seed", type=int, default=17)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--name", default="base")
    arguments.add_argument("--resume", action="store_true")
    arguments.add_argument("--eager", action="store_true", help="do not compile")
    options = arguments.parse_args()

    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    checkpoint = options.work / f"{options.name}.pt"
    mixture = TokenMixture(options.work, options.seed)
    validation = torch.from_numpy(validation_tokens(options.work).astype("int64"))
    model = SmallLlama(ModelShape(layers=options.layers, width=options.width))
    optimiser = PairedOptimiser(model, options.matrix_rate, options.embedding_rate, weight_decay=0.05)
    progress = {"elapsed_s": 0.0, "tokens": 0, "steps": 0}
    if options.resume and checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        optimiser.load_state_dict(saved["optimiser"])
        progress = saved["progress"]
    compiled = model.hidden if options.eager else torch.compile(model.hidden)
    budget = options.million_tokens * 1e6
    print(f"{model.parameter_count():,} parameters, {len(mixture):,} corpus tokens, to {budget / 1e6} M tokens", flush=True)

    started = time.monotonic() - progress["elapsed_s"]
    saved_at = progress["elapsed_s"]
    begun = dict(progress)
    smooth = math.nan
    for phase in PHASES:
        hidden = compiled if phase.compiled else model.hidden
        batches = mixture.batches(phase.rows, phase.length, f"{phase.length}:{progress['steps']}")
        while progress["tokens"] < phase.until * budget:
            loss = training_step(model, hidden, next(batches))
            optimiser.step(learning_rate_share(progress["tokens"] / budget))
            smooth = loss if math.isnan(smooth) else 0.95 * smooth + 0.05 * loss
            progress["tokens"] += phase.rows * phase.length
            progress["steps"] += 1
            progress["elapsed_s"] = time.monotonic() - started
            if progress["steps"] % REPORT_EVERY_STEPS == 0:
                speed = (progress["tokens"] - begun["tokens"]) / (progress["elapsed_s"] - begun["elapsed_s"])
                print(
                    f"step {progress['steps']:5}  {progress['tokens'] / 1e6:6.2f} M tokens  loss {smooth:.3f}  "
                    f"{speed:,.0f} tokens/s  {max(0.0, budget - progress['tokens']) / speed / 60:.1f} min left",
                    flush=True,
                )
            if progress["elapsed_s"] - saved_at > CHECKPOINT_EVERY_S:
                save_checkpoint(checkpoint, model, optimiser, progress)
                saved_at = progress["elapsed_s"]
    save_checkpoint(checkpoint, model, optimiser, progress)
    report = {length: round(math.exp(validation_loss(model, validation, length)), 2) for length in (256, 1024)}
    summary = {**progress, "minutes": round(progress["elapsed_s"] / 60, 1), "seed": options.seed, "validationPerplexity": report}
    (options.work / f"{options.name}.json").write_text(json.dumps(summary, indent=2) + "\n")
    print(json.dumps(summary), flush=True)


if __name__ == "__main__":
    main()
