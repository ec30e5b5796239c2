"""Turns edited text into text as people type it in a chat: lower case, sometimes without Turkish letters or punctuation."""

import random
import re

_ASCII = str.maketrans("çğıöşüÇĞİÖŞÜâîû", "cgiosuCGIOSUaiu")
_PUNCTUATION = re.compile(r"[.,;:!?\"()]")


def turkish_lower(text: str) -> str:
    return text.replace("I", "ı").replace("İ", "i").lower()


def as_typed_in_chat(text: str, draw: random.Random) -> str:
    lowered = turkish_lower(text)
    if draw.random() < 0.5:
        lowered = lowered.translate(_ASCII)
    if draw.random() < 0.5:
        lowered = _PUNCTUATION.sub("", lowered)
    return lowered
