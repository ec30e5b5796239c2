"""Speech stage 5. Sets to measure on: held-out sentences, in voices heard in training and in held-out ones, clean and disturbed; and spoken routing messages.

    python -m speech.held_out_sets --work DIR --datasets ../datasets --out DIR      # WAV files and sets.jsonl for scripts/speech-eval.ts
    python -m speech.held_out_sets --work DIR --checks                              # the two small sets that the training's log reports

`sets.jsonl`: {"wav", "text", "set", "voice"}, of routing messages also "written" and "sector"; a set is `seen`, `unseen-VOICE`, either with a condition behind a slash, or `routing`.
The two small sets are made of other sentences than the large ones.
"""

import argparse
import json
import random
import wave
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from .augmentation import SAMPLE_RATE, Augmentation, babble, over_telephone, with_noise
from .sentences import WRITTEN_ONLY
from .spoken_text import spoken_form
from .synthesise import speak
from .voices import HELD_OUT, prepare_voices

CHECK_SENTENCES = 80


def _spoken(sentences: list[dict[str, str]], voices: list[str], data: Path, draw: random.Random) -> list[tuple[np.ndarray, str, dict[str, str]]]:
    jobs = [(sentence, draw.choice(voices), draw.randint(130, 200), draw.randint(25, 75)) for sentence in sentences]
    with ThreadPoolExecutor(2) as pool:
        clips = pool.map(lambda job: speak(job[0]["read"], job[1], data, rate=job[2], pitch=job[3]), jobs)
        return [(clip, voice, sentence) for clip, (sentence, voice, _, _) in zip(clips, jobs, strict=True)]


def _save_check(work: Path, name: str, spoken: list[tuple[np.ndarray, str, dict[str, str]]]) -> None:
    np.save(work / f"check-{name}.npy", np.concatenate([clip for clip, _, _ in spoken]))
    with (work / f"check-{name}.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"text": s["text"], "voice": voice, "samples": len(clip)}, ensure_ascii=False) + "\n" for clip, voice, s in spoken)


def _write_wav(path: Path, samples: np.ndarray) -> None:
    """The last step of a recording: peaks below full scale, silence as a detector of speech would leave it."""
    lead = np.zeros(int(0.25 * SAMPLE_RATE), np.float32)
    samples = samples / (np.abs(samples).max() + 1e-9) * 0.7
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((np.concatenate([lead, samples, lead]) * 32767).astype("<i2").tobytes())


def _conditions(noise_clips: list[np.ndarray], seed: int) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    generator = np.random.default_rng(seed)
    crowd = babble(noise_clips, generator, 5).astype(np.float32)
    rooms = Augmentation([], seed + 1, rooms=20)

    def crowd_piece(length: int) -> np.ndarray:
        start = int(generator.integers(len(crowd) - length))
        return crowd[start : start + length]

    return {
        "white 20 dB": lambda x: with_noise(x, generator.standard_normal(len(x)).astype(np.float32), 20),
        "white 10 dB": lambda x: with_noise(x, generator.standard_normal(len(x)).astype(np.float32), 10),
        "babble 15 dB": lambda x: with_noise(x, crowd_piece(len(x)), 15),
        "telephone": over_telephone,
        "room": rooms.room,
    }


def _routing_messages(datasets: Path) -> list[dict[str, str]]:
    """The routing test messages that can be said with Turkish letters, as they would be said. Typed-only kinds are left out."""
    messages = []
    with (datasets / "routing" / "test" / "sectors.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            spoken = spoken_form(record["text"])
            if record["kind"] not in WRITTEN_ONLY and spoken is not None:
                messages.append({"read": spoken[0], "text": spoken[1], "sector": record["sector"], "written": record["text"]})
    return messages


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--work", type=Path, required=True)
    arguments.add_argument("--datasets", type=Path)
    arguments.add_argument("--out", type=Path)
    arguments.add_argument("--checks", action="store_true")
    arguments.add_argument("--per-voice", type=int, default=100)
    arguments.add_argument("--seed", type=int, default=23)
    options = arguments.parse_args()
    draw = random.Random(options.seed)
    data, stock, _ = prepare_voices(options.work)
    with (options.work / "held-out.jsonl").open(encoding="utf-8") as lines:
        held = [json.loads(line) for line in lines]
    if options.checks:
        half = CHECK_SENTENCES // 2
        _save_check(options.work, "seen", _spoken(held[:half], stock, data, draw))
        _save_check(options.work, "unseen", _spoken(held[half:CHECK_SENTENCES], list(HELD_OUT), data, draw))
        return
    # What callers say is rare among the held-out sentences: all of it, and as much again of the corpora.
    rest = held[CHECK_SENTENCES:]
    callers = [sentence for sentence in rest if sentence["from"] != "corpus"]
    pool = callers + [sentence for sentence in rest if sentence["from"] == "corpus"][: len(callers)]
    draw.shuffle(pool)
    sets = {"seen": _spoken(pool[: 2 * options.per_voice], stock, data, draw)}
    for voice in HELD_OUT:
        sets[f"unseen-{voice}"] = _spoken(draw.sample(pool, options.per_voice), [voice], data, draw)
    options.out.mkdir(parents=True, exist_ok=True)
    conditions = _conditions([clip for clip, _, _ in sets["seen"]], options.seed)
    with (options.out / "sets.jsonl").open("w", encoding="utf-8") as index:

        def write(name: str, spoken: list[tuple[np.ndarray, str, dict[str, str]]], change: Callable[[np.ndarray], np.ndarray] | None) -> None:
            for number, (clip, voice, sentence) in enumerate(spoken):
                samples = clip.astype(np.float32) / 32768
                file = f"{name.replace('/', '-').replace(' ', '-')}-{number:03d}.wav"
                _write_wav(options.out / file, samples if change is None else change(samples))
                about = {"wav": file, "text": sentence["text"], "set": name, "voice": f"tr+{voice}" if voice else "tr"}
                about |= {key: sentence[key] for key in ("written", "sector") if key in sentence}
                index.write(json.dumps(about, ensure_ascii=False) + "\n")

        for name, spoken in sets.items():
            write(name, spoken, None)
            for condition, change in conditions.items():
                write(f"{name}/{condition}", spoken[: options.per_voice // 2], change)
        if options.datasets is not None:
            messages = _routing_messages(options.datasets)
            half = len(messages) // 2
            write("routing", _spoken(messages[:half], stock, data, draw) + _spoken(messages[half:], list(HELD_OUT), data, draw), None)


if __name__ == "__main__":
    main()
