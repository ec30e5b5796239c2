"""Written Turkish → what is said: lower-case letters of the Turkish alphabet, numbers in words, known abbreviations letter by letter.

Small on purpose: a sentence that asks for more (addresses, formulas, foreign spelling) is dropped, not guessed at.
The platform's own normaliser, which may not drop anything, is `services/speech/text`.
"""

import re
import unicodedata

LETTERS = "abcçdefgğhıijklmnoöprsştuüvyz"
VOWELS = frozenset("aeıioöuü")
LETTER_NAMES = {
    **{vowel: vowel for vowel in VOWELS},
    **{letter: letter + "e" for letter in LETTERS if letter not in VOWELS},
    "ğ": "yumuşak ge",
}

_ONES = ("", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz")
_TENS = ("", "on", "yirmi", "otuz", "kırk", "elli", "altmış", "yetmiş", "seksen", "doksan")
_SCALES = ((10**9, "milyar"), (10**6, "milyon"), (1000, "bin"), (100, "yüz"))
_ORDINAL_ENDING = {"a": "ncı", "ı": "ncı", "e": "nci", "i": "nci", "o": "ncu", "u": "ncu", "ö": "ncü", "ü": "ncü"}
_ORDINAL_AFTER_CONSONANT = {"a": "ıncı", "ı": "ıncı", "e": "inci", "i": "inci", "o": "uncu", "u": "uncu", "ö": "üncü", "ü": "üncü"}

_FLAT = str.maketrans({"â": "a", "î": "i", "û": "u", "Â": "A", "Î": "İ", "Û": "U", "’": "'", "‘": "'", "`": "'"})
_WHOLE_WORDS = {
    "vb": "ve benzeri", "vs": "vesaire", "örn": "örneğin", "dr": "doktor", "prof": "profesör", "doç": "doçent", "av": "avukat",
    "no": "numara", "tel": "telefon", "cad": "cadde", "sok": "sokak", "mah": "mahalle", "dk": "dakika", "sn": "saniye", "md": "madde",
    "km": "kilometre", "kg": "kilogram", "cm": "santimetre", "gr": "gram", "tl": "lira", "kwh": "kilovat saat", "m²": "metrekare", "m³": "metreküp",
}
_MARKS = str.maketrans({"%": " yüzde ", "₺": " lira ", "€": " avro ", "&": " ve ", "+": " artı ", "=": " eşittir ", "°": " derece "})
_PERCENT = re.compile(r"%\s?(\d)")
_THOUSANDS = re.compile(r"\b(\d{1,3}(?:\.\d{3})+)\b")
_DECIMAL = re.compile(r"\b(\d+),(\d{1,2})\b")
_CLOCK = re.compile(r"\b([01]?\d|2[0-3])[.:]([0-5]\d)\b")
_ORDINAL = re.compile(r"\b(\d{1,3})\.(?=\s+[a-zçğıöşü])")
_NUMBER = re.compile(r"\d+")
_PAUSE = re.compile(r"[,;:?!.]+")


def lower_turkish(text: str) -> str:
    """Lower case with the Turkish pairs I/ı and İ/i; marks that only lengthen a vowel are dropped."""
    return unicodedata.normalize("NFC", text).translate(_FLAT).replace("I", "ı").replace("İ", "i").lower()


def number_in_words(value: int) -> str:
    """Words of 0 … 999,999,999,999, apart from each other: 1903 → bin dokuz yüz üç."""
    if value == 0:
        return "sıfır"
    words: list[str] = []
    for scale, name in _SCALES:
        count, value = divmod(value, scale)
        if count:
            if count > 1 or scale >= 10**6:
                words.append(number_in_words(count))
            words.append(name)
    words += [_TENS[value // 10], _ONES[value % 10]]
    return " ".join(word for word in words if word)


def ordinal_in_words(value: int) -> str:
    """3 → üçüncü, 4 → dördüncü, 20 → yirminci."""
    words = number_in_words(value)
    if words.endswith("dört"):
        return words[:-1] + "düncü"
    last_vowel = next(letter for letter in reversed(words) if letter in VOWELS)
    return words + (_ORDINAL_ENDING if words[-1] in VOWELS else _ORDINAL_AFTER_CONSONANT)[last_vowel]


def _digits(match: re.Match[str]) -> str:
    digits = match.group()
    if len(digits) > 9 or (len(digits) > 1 and digits[0] == "0"):
        return " " + " ".join(number_in_words(int(digit)) for digit in digits) + " "
    return f" {number_in_words(int(digits))} "


def _spoken_word(word: str) -> str | None:
    """None where the word cannot be said with our letters."""
    bare = word.replace("'", "")
    if bare in _WHOLE_WORDS:
        return _WHOLE_WORDS[bare]
    if any(letter not in LETTERS for letter in bare):
        return None
    if any(letter in VOWELS for letter in bare):
        return bare
    if len(word.split("'")[0]) > 4:
        return None
    return " ".join(LETTER_NAMES[letter] for letter in bare)


def spoken_form(text: str) -> tuple[str, str] | None:
    """
    (what the speaker reads, with commas and the end mark for its melody; the transcript: letters and single spaces).
    None where something cannot be said: then the sentence is left out.
    """
    lowered = lower_turkish(text.strip())
    lowered = _PERCENT.sub(r" yüzde \1", lowered)
    lowered = _THOUSANDS.sub(lambda m: m.group().replace(".", ""), lowered)
    lowered = _CLOCK.sub(lambda m: f"{number_in_words(int(m[1]))} {number_in_words(int(m[2])) if int(m[2]) else ''}", lowered)
    lowered = _DECIMAL.sub(lambda m: f"{number_in_words(int(m[1]))} virgül {number_in_words(int(m[2]))}", lowered)
    lowered = _ORDINAL.sub(lambda m: ordinal_in_words(int(m[1])), lowered)
    lowered = _NUMBER.sub(_digits, lowered).translate(_MARKS)
    lowered = re.sub(r"[-–/()\"…]", " ", lowered)
    read: list[str] = []
    for piece in lowered.split():
        mark = _PAUSE.search(piece)
        if mark and piece[mark.end():]:
            return None
        word = piece[: mark.start()] if mark else piece
        if not word.strip("'"):
            continue
        spoken = _spoken_word(word.strip("'"))
        if spoken is None:
            return None
        read.append(spoken + (mark.group()[0] if mark else ""))
    transcript = " ".join(_PAUSE.sub("", word) for word in read)
    return (" ".join(read), transcript) if transcript else None
