"""One raw paragraph in, clean running text out: NFC, no markdown, no letterheads, no odd characters."""

import re
import unicodedata

_MARKDOWN = re.compile(r"\*\*|__|`+|^\s*(?:#+|>|[-*+]\s)|\[!\w+\]|\\")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_URL = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\S+")
_TAG = re.compile(r"<[^>]{1,80}>|&[a-z]+;")
_EMPHASIS = re.compile(r"(?<!\w)[*_]+|[*_]+(?!\w)")
_SPACES = re.compile(r"\s+")
_SPACE_BEFORE_MARK = re.compile(r"\s+([.,;:!?%)\]])")
_STRANGE = re.compile(r"[^\x20-\x7EçğıöşüÇĞİÖŞÜâîûÂÎÛ“”‘’«»–—…°²³€₺½§·×]")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’)]?\s+(?=[\"“(]?[A-ZÇĞİÖŞÜ0-9])")
_ABBREVIATION_END = re.compile(r"(?:\b(?:Dr|Prof|Doç|Av|vb|vs|bkz|Bkz|No|no|md|St|Sn|Sok|Cad|Mah|Ltd|Şti|A\.Ş|Op|örn|Örn|[A-ZÇĞİÖŞÜ]|\d{1,3}))\.$")
_QUOTES = str.maketrans({"“": '"', "”": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "—": "–", "…": "..."})
_TRAILING_FOOTNOTE = re.compile(r"(?<=[.;])\d{1,3}(?=\s|$)")


def clean_paragraph(raw: str) -> str:
    """NFC text of one line, markdown and addresses removed, quotes and dashes unified."""
    text = unicodedata.normalize("NFC", raw)
    text = _LINK.sub(r"\1", text)
    text = _URL.sub("", text)
    text = _TAG.sub(" ", text)
    text = _MARKDOWN.sub("", text)
    text = _EMPHASIS.sub("", text)
    text = text.translate(_QUOTES)
    text = _TRAILING_FOOTNOTE.sub("", text)
    text = _SPACES.sub(" ", text)
    return _SPACE_BEFORE_MARK.sub(r"\1", text).strip()


def split_sentences(paragraph: str) -> list[str]:
    """Sentences in order; an end after an abbreviation or an ordinal number is not an end."""
    sentences: list[str] = []
    for piece in _SENTENCE_END.split(paragraph):
        if sentences and _ABBREVIATION_END.search(sentences[-1]):
            sentences[-1] += " " + piece
        else:
            sentences.append(piece)
    return sentences


def is_running_turkish(text: str) -> bool:
    """Mostly lower-case letters of the Turkish alphabet, few digits, few foreign characters."""
    if len(text) < 20:
        return False
    lower = sum(c.islower() for c in text)
    digits = sum(c.isdigit() for c in text)
    return lower / len(text) > 0.6 and digits / len(text) < 0.12 and len(_STRANGE.findall(text)) == 0


def duplicate_key(text: str) -> str:
    """The same for two lines that differ only in case, digits, spaces or punctuation."""
    return "".join(c for c in text.lower() if c.isalpha())
