"""Speech stage 2. Sentences → synthetic speech by espeak-ng, 16 kHz, in shards.

    python -m speech.synthesise --work DIR

Each sentence gets a voice, a rate, a pitch and a word gap of its own, and is played up to 15 % faster or slower (which moves
pitch and formants). A shard is `speech-NNN.npy`, int16 samples end to end, and `speech-NNN.jsonl` with text, voice and number of samples.
A voice that sounds exactly like another is reported: espeak-ng answers an unknown variant with the plain voice, silently.
"""

import argparse
import hashlib
import json
import os
import random
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from .voices import prepare_voices

SAMPLE_RATE = 16_000
PER_SHARD = 2_000
# espeak-ng speaks at 22,050 Hz: 320/441 of it is 16 kHz; another divisor plays it faster or slower.
_UP, _DOWN = 320, 441
_PLAIN_SHARE = 0.08


def speak(text: str, voice: str, data: Path, *, rate: int = 165, pitch: int = 50, gap: int = 0, shift: float = 1.0) -> np.ndarray:
    """Samples at 16 kHz, int16. `shift` above 1 plays faster: higher pitch and formants. Silence at both ends is cut to 20 ms."""
    command = ["espeak-ng", "-v", f"tr+{voice}" if voice else "tr", "-s", str(rate), "-p", str(pitch), "-g", str(gap), "--stdout", text]
    raw = subprocess.run(command, capture_output=True, check=True, env={**os.environ, "ESPEAK_DATA_PATH": str(data)}).stdout
    spoken = np.frombuffer(raw[44 : 44 + (len(raw) - 44) // 2 * 2], dtype="<i2").astype(np.float32)
    samples = resample_poly(spoken, _UP, round(_DOWN * shift)).astype(np.float32)
    loud = np.flatnonzero(np.abs(samples) > 100)
    if len(loud) == 0:
        return np.zeros(0, np.int16)
    samples = samples[max(0, loud[0] - 320) : loud[-1] + 320]
    return np.clip(samples, -32768, 32767).astype(np.int16)


def duplicate_voices(voices: list[str], data: Path) -> list[list[str]]:
    """Groups of voices that say the same sentence with the same samples."""
    heard: dict[str, list[str]] = {}
    with ThreadPoolExecutor(2) as pool:
        for voice, samples in zip(voices, pool.map(lambda v: speak("bu sabah hava çok güzel", v, data), voices), strict=True):
            heard.setdefault(hashlib.sha256(samples.tobytes()).hexdigest(), []).append(voice)
    return [group for group in heard.values() if len(group) > 1]


def _one(job: tuple[dict[str, str], int, list[str], list[str], Path]) -> tuple[np.ndarray, dict[str, str | int]]:
    sentence, seed, stock, own, data = job
    draw = random.Random(seed)
    kind = draw.random()
    voice = "" if kind < _PLAIN_SHARE else draw.choice(stock if kind < 0.5 else own)
    shift = 1.0 if draw.random() < 0.4 else draw.uniform(0.87, 1.15)
    samples = speak(
        sentence["read"], voice, data,
        rate=int(draw.uniform(125, 215) / shift), pitch=draw.randint(15, 85),
        gap=draw.choice((0, 0, 0, 1, 3, 6)), shift=shift,
    )
    return samples, {"text": sentence["text"], "voice": voice, "samples": len(samples)}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--work", type=Path, required=True)
    arguments.add_argument("--shards", type=int, default=14, help="of 2,000 utterances each")
    arguments.add_argument("--first", type=int, default=0, help="the first shard to make; a later pass over the sentences draws other voices")
    arguments.add_argument("--seed", type=int, default=11)
    options = arguments.parse_args()
    data, stock, own = prepare_voices(options.work)
    for group in duplicate_voices(stock, data):
        print(json.dumps({"same_voice": group}), flush=True)
        stock = [voice for voice in stock if voice not in group[1:]]
    with (options.work / "sentences.jsonl").open(encoding="utf-8") as lines:
        sentences = [json.loads(line) for line in lines]
    with ThreadPoolExecutor(3) as pool:
        for shard in range(options.first, options.first + options.shards):
            started = time.monotonic()
            numbers = range(shard * PER_SHARD, (shard + 1) * PER_SHARD)
            jobs = [(sentences[n % len(sentences)], options.seed * 1_000_003 + n, stock, own, data) for n in numbers]
            spoken = [(samples, about) for samples, about in pool.map(_one, jobs) if len(samples) > SAMPLE_RATE // 5]
            name = options.work / f"speech-{shard:03d}"
            with name.with_suffix(".jsonl").open("w", encoding="utf-8") as file:
                file.writelines(json.dumps(about, ensure_ascii=False) + "\n" for _, about in spoken)
            np.save(name.with_suffix(".part.npy"), np.concatenate([samples for samples, _ in spoken]))
            name.with_suffix(".part.npy").rename(name.with_suffix(".npy"))
            seconds = time.monotonic() - started
            print(json.dumps({"shard": shard, "utterances": len(spoken), "hours": round(sum(len(samples) for samples, _ in spoken) / SAMPLE_RATE / 3600, 2), "seconds": round(seconds)}), flush=True)


if __name__ == "__main__":
    main()
