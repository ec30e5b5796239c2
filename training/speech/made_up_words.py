"""Turkish-shaped words that do not exist, letters by name and numbers: a model that heard only real words would learn a vocabulary, not the sounds."""

import random

from .spoken_text import LETTER_NAMES, LETTERS, number_in_words

_ONSETS = "b c ç d f g h j k l m n p r s ş t v y z".split()
_CODAS = ["", "", "", "", "r", "n", "l", "k", "m", "s", "ş", "t", "z", "ğ", "p", "ç", "v", "y", "h", "f", "rt", "nk"]


def _made_up_word(draw: random.Random) -> str:
    vowels = draw.choice(("aıou", "eiöü", "aeıioöuü"))
    word = ""
    for syllable in range(draw.choice((1, 2, 2, 3, 3, 4))):
        onset = draw.choice(_ONSETS) if syllable or draw.random() < 0.85 else ""
        word += onset + draw.choice(vowels) + (draw.choice(_CODAS) if draw.random() < 0.6 else "")
    return word


def made_up_sentence(draw: random.Random, real_words: list[str]) -> str:
    """Two to seven words: made-up ones, real ones out of context, numbers, letters by name."""
    words: list[str] = []
    for _ in range(draw.randint(2, 7)):
        kind = draw.random()
        if kind < 0.4:
            words.append(_made_up_word(draw))
        elif kind < 0.8:
            words.append(draw.choice(real_words))
        elif kind < 0.93:
            words.append(number_in_words(draw.choice((draw.randint(0, 99), draw.randint(100, 9999), draw.randint(1, 99) * 1000))))
        else:
            words.append(" ".join(LETTER_NAMES[draw.choice(LETTERS)] for _ in range(draw.randint(2, 3))))
    return " ".join(words)
