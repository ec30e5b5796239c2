"""The corpora by name: how each file becomes documents, and how much of it the mixture takes."""

import json
import lzma
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .person_names import looks_like_speaker_or_signature, names_a_person
from .text_cleaning import clean_paragraph, is_running_turkish, split_sentences

_POLITICS = re.compile(
    r"\b(?:AKP|AK PARTİ|AK Parti|CHP|MHP|HDP|BDP|PKK|YPG|PYD|FETÖ|TBMM|terör\w*|şehit\w*|milletvekil\w*|Milletvekil\w*|muhalefet\w*|iktidar\w*"
    r"|darbe\w*|parti\w*|Parti\w*|grubum\w*|Başkan\w*|Meclis\w*|önerge\w*|Komisyon\w*|teklif\w*|seçim\w*|hain\w*|Cumhurbaşkan\w*|Kürt\w*"
    r"|savaş\w*|ölüm\w*|öldür\w*|katl\w*|Alevi\w*|bomba\w*|asker\w*|faşis\w*|idam\w*|işkence\w*)"
)
_BUSINESS = re.compile(
    r"üret|çiftçi|tarım|elektrik|enerji|sağlık|hasta|okul|öğrenci|eğitim|banka|kredi|vergi|sigorta|turizm|ihracat|sanayi|işçi|esnaf|ulaş|karayol"
    r"|demiryol|inşaat|konut|çevre|atık|su |internet|telefon|yatırım|belediye|hayvan|gıda|doğal gaz|fatura|emekli|maaş|üniversite|araştırma|teknoloji",
    re.IGNORECASE,
)
_LETTERHEAD = re.compile(
    r"T\.C\.|Sayı\s?:|Konu\s?:|İlgi\s?:|tevcih|yazılı soru|arz eder|Başkanlığına|önerge|gününde|Milletvekil|Bakan[ıi]\b|Esas No|esas no|delalet"
    r"|Bakanlığım|BaşkanlığınaAşağı|yazılı olarak"
)
_ARTICLE_HEAD = re.compile(r"^(?:(?:EK|Ek|Geçici|GEÇİCİ|Mükerrer)\s+)?(?:MADDE|Madde)\s*\d*\s*(?:/\w+)?\s*[-–—:.]*\s*")
_AMENDMENT = re.compile(r"\((?:Ek|Değişik|Mülga|İptal|Yeniden)[^)]*\)|\(\d+\)|\*+")
_QUESTION_LABEL = re.compile(r"\b(?:Soru|SORU|Cevap|CEVAP|Yanıt)\s*(?:\d+\s*)?[.:–-]*\s*")


@dataclass(frozen=True)
class Source:
    """`share` is the part of the cleaned documents that the mixture keeps."""

    name: str
    files: tuple[str, ...]
    documents: Callable[[Path], Iterator[str]]
    share: float
    licence: str
    origin: str


def _lines(path: Path) -> Iterator[str]:
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        yield from lines


def _kept_sentences(paragraph: str, unwanted: Callable[[str], bool]) -> list[str]:
    return [s for s in split_sentences(paragraph) if is_running_turkish(s) and not names_a_person(s) and not unwanted(s)]


def _manual_pages(path: Path) -> Iterator[str]:
    """Consecutive lines of a manual stay together, about a thousand characters a document."""
    page: list[str] = []
    size = 0
    for raw in _lines(path):
        text = clean_paragraph(raw)
        if not is_running_turkish(text) or names_a_person(text):
            continue
        page.append(text)
        size += len(text)
        if size > 1000:
            yield "\n".join(page)
            page, size = [], 0


def _encyclopaedia(path: Path) -> Iterator[str]:
    for raw in _lines(path):
        sentences = _kept_sentences(clean_paragraph(raw), looks_like_speaker_or_signature)
        text = " ".join(dict.fromkeys(sentences))
        if len(text) > 120:
            yield text


def _laws(path: Path) -> Iterator[str]:
    for raw in _lines(path):
        text = clean_paragraph(json.loads(raw)["text"])
        text = clean_paragraph(_AMENDMENT.sub("", _ARTICLE_HEAD.sub("", text)).lstrip("–-—. "))
        if is_running_turkish(text) and len(text) > 60:
            yield text


def _questions_answers(path: Path) -> Iterator[str]:
    for raw in _lines(path):
        record = json.loads(raw)
        for part in (record.get("question"), record.get("answer")):
            if not part:
                continue
            paragraph = _QUESTION_LABEL.sub("", clean_paragraph(part[:12000]))
            text = " ".join(
                _kept_sentences(paragraph, lambda s: bool(_LETTERHEAD.search(s)) or looks_like_speaker_or_signature(s))
            )
            if len(text) > 100:
                yield text


def _minutes(path: Path) -> Iterator[str]:
    """Only stretches about business and daily life; sentences about politics, war and persons are dropped."""
    for raw in _lines(path):
        if len(_BUSINESS.findall(raw)) < 3:
            continue
        text = " ".join(
            _kept_sentences(clean_paragraph(raw), lambda s: bool(_POLITICS.search(s)) or looks_like_speaker_or_signature(s))
        )
        if len(text) > 250:
            yield text


def _treebank(path: Path) -> Iterator[str]:
    for raw in _lines(path):
        text = clean_paragraph(raw)
        if is_running_turkish(text) and not names_a_person(text):
            yield text


_MS_DOCS = "CC-BY-4.0"
_OFFICIAL = "official texts, free of copyright (FSEK art. 31-32)"

SOURCES: tuple[Source, ...] = (
    Source(
        "business-manuals",
        ("ms_docs_d365_operations.txt.xz", "ms_docs_d365_project_ops.txt.xz", "ms_docs_microsoft365.txt.xz", "ms_docs_powerbi.txt.xz"),
        _manual_pages, 0.7, _MS_DOCS, "Microsoft documentation, tr-tr",
    ),
    Source("encyclopaedia", ("wiki_passages_exams_tr.txt.xz",), _encyclopaedia, 1.0, "CC-BY-SA-4.0", "EXAMS passages (mhardalov/exams-qa), from Wikipedia"),
    Source("laws", ("laws_articles.jsonl.xz",), _laws, 1.0, _OFFICIAL, "Turkish statutes by article"),
    Source("ministry-answers", ("tbmm_written_questions_answers.jsonl.xz",), _questions_answers, 1.0, _OFFICIAL, "written parliamentary questions and ministries' answers, 1996-2004 (ttoygar/meclis_genel_kurul_tutanaklari)"),
    Source("minutes", ("tbmm_minutes_2012_2020_sample.txt.xz",), _minutes, 0.5, _OFFICIAL, "plenary minutes 2012-2020, business passages only (ttoygar/meclis_genel_kurul_tutanaklari)"),
    Source("treebank", ("ud_treebank_sentences.txt.xz",), _treebank, 1.0, "CC-BY-SA-4.0", "Universal Dependencies, Turkish"),
)
