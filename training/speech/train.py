"""Speech stage 3. Synthetic speech → the recogniser's weights.

    OMP_NUM_THREADS=1 python -m speech.train --work DIR --minutes 45

The rate falls with the share of `--minutes` used, so the run ends when told to, however busy the machine is. `WORK/recogniser.pt` is written every two
minutes with the running average of the weights: stop at any time and export what is there. Shards that appear while it runs are taken in after a pass.
"""

import argparse
import json
import math
import random
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .augmentation import Augmentation
from .model import MELS, SYMBOL_OF, WARPS, Recogniser, edit_distance, frames_of, greedy_text, normalised

LONGEST_SECONDS = 9.0
SAVE_EVERY_S = 120
AVERAGE = 0.999
SILENT_SHARE = 0.015


class Shards:
    """Utterances on disk, mapped into memory; looks for new shards when asked."""

    def __init__(self, work: Path, pattern: str = "speech-*.npy") -> None:
        self._work, self._pattern = work, pattern
        self._known: set[str] = set()
        self.utterances: list[tuple[np.ndarray, str]] = []
        self.refresh()

    def refresh(self) -> None:
        for path in sorted(self._work.glob(self._pattern)):
            if path.name in self._known:
                continue
            self._known.add(path.name)
            samples, start = np.load(path, mmap_mode="r"), 0
            with path.with_suffix(".jsonl").open(encoding="utf-8") as lines:
                for line in lines:
                    about = json.loads(line)
                    end = start + about["samples"]
                    if end - start <= LONGEST_SECONDS * 16_000:
                        self.utterances.append((samples[start:end], about["text"]))
                    start = end


def batches(utterances: list[tuple[np.ndarray, str]], seconds: float, draw: random.Random) -> list[list[tuple[np.ndarray, str]]]:
    """Utterances of about the same length together, `seconds` of audio in each batch, batches in random order."""
    ordered = sorted(utterances, key=lambda u: len(u[0]) * draw.uniform(0.95, 1.05))
    result, batch = [], []
    for utterance in ordered:
        batch.append(utterance)
        if len(batch) * len(utterance[0]) >= seconds * 16_000:
            result.append(batch)
            batch = []
    draw.shuffle(result)
    return result


def tensors(batch: list[tuple[np.ndarray, str]], augment: Augmentation | None, draw: random.Random) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """(samples [batch, most], output frames, symbols end to end, symbols of each)."""
    heard: list[tuple[np.ndarray, str]] = []
    for samples, text in batch:
        if augment is None:
            heard.append((normalised(samples.astype(np.float32)), text))
        elif draw.random() < SILENT_SHARE:
            heard.append((normalised(augment.noise(len(samples))), ""))
        else:
            heard.append((normalised(augment(samples.astype(np.float32) / 32768)), text))
    padded = np.zeros((len(heard), max(len(samples) for samples, _ in heard)), np.float32)
    for row, (samples, _) in zip(padded, heard, strict=True):
        row[: len(samples)] = samples
    frames = torch.tensor([frames_of(len(samples)) for samples, _ in heard])
    symbols = torch.tensor([SYMBOL_OF[letter] for _, text in heard for letter in text], dtype=torch.long)
    return torch.from_numpy(padded), frames, symbols, torch.tensor([len(text) for _, text in heard])


def disturbed(mel: Tensor, draw: random.Random) -> Tensor:
    """Another microphone's colour, and gaps in time and frequency (SpecAugment, Park et al. 2019)."""
    band = torch.linspace(-1, 1, MELS)
    for row in mel:
        if draw.random() < 0.6:
            row += (band * draw.uniform(-0.3, 0.3) + torch.cos(band * draw.uniform(1, 5) + draw.uniform(0, 6)) * draw.uniform(0, 0.15))[:, None]
        for _ in range(2):
            width, start = draw.randint(0, 9), draw.randint(0, MELS - 9)
            row[start : start + width] = 0
            width, start = draw.randint(0, 8), draw.randint(0, max(0, row.shape[1] - 8))
            row[:, start : start + width] = 0
    return mel


def letter_errors(model: Recogniser, utterances: list[tuple[np.ndarray, str]]) -> float:
    """Per cent of wrong letters, greedy."""
    model.eval()
    wrong = letters = 0
    with torch.no_grad():
        for samples, text in utterances:
            heard = greedy_text(model(torch.from_numpy(normalised(samples.astype(np.float32)))[None])[0])
            wrong += edit_distance(text, heard)
            letters += len(text)
    model.train()
    return round(100 * wrong / letters, 2)


def save(path: Path, model: Recogniser, step: int, minutes: float, audio_hours: float) -> None:
    """Whole or not at all, so that an export may read while we go on."""
    part = path.with_suffix(".part")
    torch.save({"shape": model.shape, "state": model.state_dict(), "step": step, "minutes": minutes, "audio_hours": audio_hours}, part)
    part.rename(path)


def follow(average: Recogniser, model: Recogniser, keep: float) -> None:
    """The running average takes one step towards the weights."""
    with torch.no_grad():
        for mean, value in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
            if mean.is_floating_point():
                mean.lerp_(value, 1 - keep)
            else:
                mean.copy_(value)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--work", type=Path, required=True)
    arguments.add_argument("--minutes", type=float, default=45)
    arguments.add_argument("--fine", type=int, default=192)
    arguments.add_argument("--coarse", type=int, default=256)
    arguments.add_argument("--rate", type=float, default=2.5e-3)
    arguments.add_argument("--batch-seconds", type=float, default=110)
    arguments.add_argument("--name", default="recogniser")
    arguments.add_argument("--seed", type=int, default=3)
    options = arguments.parse_args()
    torch.manual_seed(options.seed)
    torch.set_flush_denormal(True)
    draw = random.Random(options.seed)
    shards = Shards(options.work)
    checks = {path.stem.removeprefix("check-"): Shards(options.work, path.name).utterances[:40] for path in sorted(options.work.glob("check-*.npy"))}
    augment = Augmentation([samples for samples, _ in draw.sample(shards.utterances, 150)], options.seed)
    model = Recogniser(options.fine, options.coarse)
    average = Recogniser(options.fine, options.coarse)
    average.load_state_dict(model.state_dict())
    print(json.dumps({"parameters": sum(p.numel() for p in model.parameters()), "utterances": len(shards.utterances)}), flush=True)
    optimiser = torch.optim.AdamW(model.parameters(), lr=options.rate, weight_decay=0.01, betas=(0.9, 0.98))
    started = saved = reported = time.monotonic()
    step = passes = 0
    losses: list[float] = []
    audio = 0.0
    while True:
        shards.refresh()
        for batch in batches(shards.utterances, options.batch_seconds, draw):
            now = time.monotonic()
            share = (now - started) / (options.minutes * 60)
            if share >= 1 or now - saved > SAVE_EVERY_S:
                saved = now
                save(options.work / f"{options.name}.pt", average, step, (now - started) / 60, audio / 3600)
            if share >= 1 or now - reported > 240:
                reported = now
                report = {"minutes": round((now - started) / 60, 1), "step": step, "passes": passes, "audio_hours": round(audio / 3600, 1), "loss": round(float(np.mean(losses[-200:])), 3) if losses else None}
                print(json.dumps({**report, **{name: letter_errors(average, utterances) for name, utterances in checks.items()}}), flush=True)
            if share >= 1:
                return
            for group in optimiser.param_groups:
                group["lr"] = options.rate * min(1, (step + 1) / 250) * (0.5 * (1 + math.cos(math.pi * share)) + 0.005)
            samples, frames, symbols, lengths = tensors(batch, augment, draw)
            mel = model.mel(samples, torch.tensor([draw.randrange(WARPS) if draw.random() < 0.6 else WARPS // 2 for _ in batch]))
            with torch.autocast("cpu", torch.bfloat16):
                letters = model.letters(disturbed(mel, draw) if step > 300 else mel)
            costs = F.ctc_loss(letters.transpose(0, 1), symbols, frames.clamp(max=letters.shape[1]), lengths, reduction="none", zero_infinity=True)
            # By letter; silence has none, and counts as slow speech of its length.
            loss = (costs / torch.maximum(lengths, frames // 6)).mean()
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 2.0)
            optimiser.step()
            step += 1
            follow(average, model, min(AVERAGE, (1 + step) / (10 + step)))
            losses.append(loss.item())
            audio += float(samples.numel()) / 16_000
            if step in (5, 50, 150, 300):
                print(json.dumps({"step": step, "seconds": round(time.monotonic() - started, 1), "loss": round(losses[-1], 3), "audio_hours": round(audio / 3600, 2)}), flush=True)
        passes += 1


if __name__ == "__main__":
    main()
