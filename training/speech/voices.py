"""Whose voices speak: espeak-ng's Turkish with its stock variants, and some two hundred variants made here by drawing the same parameters.

Held out of training: f5, m8, klatt2, and steph with its near copies steph2 and steph3. Made-up voices draw from wide ranges around
the stock ones; that a draw comes near a held-out voice is possible and wanted: it is what a new speaker would find.
"""

import random
import shutil
from pathlib import Path

OWN_VOICES = 220
_SEED = 11
HELD_OUT = ("f5", "m8", "steph", "klatt2")
# Near copies of held-out voices; robots, effects and whispering, which are no speakers.
_LEFT_OUT = frozenset((*HELD_OUT, "steph2", "steph3", "croak", "Demonic", "UniRobot", "whisper", "whisperf", "anikaRobot", "fast", "Half-LifeAnnouncementSystem"))
_DATA = (Path("/usr/lib/x86_64-linux-gnu/espeak-ng-data"), Path("/usr/share/espeak-ng-data"), Path("/usr/lib/aarch64-linux-gnu/espeak-ng-data"))
_TONES = ("100 255 600 70 1200 22 2000 66 3000 12", "100 200 600 120 1500 60 3000 40", "50 180 800 160 2000 110 3500 70", "150 255 500 150 1800 100 3000 90")


def _variant(draw: random.Random, name: str) -> str:
    female = draw.random() < 0.5
    low = draw.uniform(120, 210) if female else draw.uniform(55, 115)
    size = draw.uniform(1.0, 1.3) if female else draw.uniform(0.82, 1.12)
    lines = ["language variant", f"name {name}", f"gender {'female' if female else 'male'}", f"pitch {low:.0f} {low * draw.uniform(1.15, 1.7):.0f}"]
    lines += [f"flutter {draw.randint(0, 8)}", f"roughness {draw.randint(0, 4)}", f"formant 0 {draw.randint(90, 115)} {draw.randint(80, 150)} {draw.randint(100, 160)}"]
    for formant in range(1, 9):
        frequency = 100 * size * draw.uniform(0.93, 1.07)
        strength = draw.randint(5, 130) if formant >= 4 else draw.randint(65, 115)
        lines.append(f"formant {formant} {frequency:.0f} {strength} {draw.randint(60, 180)}")
    if draw.random() < 0.35:
        lines.append(f"klatt {draw.choice((1, 3, 4, 5, 6))}")
    if draw.random() < 0.6:
        lines.append(f"tone {draw.choice(_TONES)}")
    if draw.random() < 0.4:
        lines.append("breath " + " ".join(str(draw.randint(0, 8)) for _ in range(8)))
    if draw.random() < 0.3:
        lines.append(f"echo {draw.randint(20, 150)} {draw.randint(5, 25)}")
    if draw.random() < 0.5:
        lines.append(f"voicing {draw.randint(60, 160)}")
    if draw.random() < 0.6:
        lines.append(f"consonants {draw.randint(50, 160)} {draw.randint(50, 160)}")
    if draw.random() < 0.4:
        lines.append("stressAmp " + " ".join(str(draw.randint(14, 25)) for _ in range(8)))
    if draw.random() < 0.4:
        lines.append("stressAdd " + " ".join(str(draw.randint(-20, 60)) for _ in range(8)))
    return "\n".join(lines) + "\n"


def prepare_voices(work: Path) -> tuple[Path, list[str], list[str]]:
    """
    Copies espeak-ng's data below `work` and writes the made-up variants beside the stock ones.
    Returns (folder for ESPEAK_DATA_PATH, stock variants to train on with "" for the plain voice, made-up variants).
    """
    target = work / "espeak-ng-data"
    if not target.exists():
        source = next((folder for folder in _DATA if folder.exists()), None)
        if source is None:
            raise SystemExit("espeak-ng's data is not here: install the package espeak-ng")
        shutil.copytree(source, target)
        # espeak-ng lists 350 voices at most; the other languages, and MBROLA's, leave room for ours.
        shutil.rmtree(target / "voices" / "mb", ignore_errors=True)
        for language in (target / "lang").rglob("*"):
            if language.is_file() and language.name != "tr":
                language.unlink()
    folder = target / "voices" / "!v"
    stock = sorted(path.name for path in folder.iterdir() if path.name not in _LEFT_OUT and not path.name.startswith("own-"))
    draw = random.Random(_SEED)
    own = [f"own-{number:03d}" for number in range(OWN_VOICES)]
    for name in own:
        (folder / name).write_text(_variant(draw, name), encoding="ascii")
    return work, ["", *stock], own
