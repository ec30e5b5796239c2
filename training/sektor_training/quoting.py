"""Practice in finding and quoting, made of running text: passages as sources, a question in words of one sentence, that sentence as the answer.

Nothing is known of the passages but their sentences, so thousands of such tasks cost no writing. A small model learns from them what no
amount of facts teaches it: to look up and to copy. Retrieval heads form on copying tasks: Olsson et al. 2022, arXiv:2209.11895.
"""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

from .chat_format import NEUTRAL_PROMPT, Message, with_system_prompt
from .knowledge import Passage, prompt_with_passages

SOURCES = ("business-manuals", "encyclopaedia", "laws", "ministry-answers")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÇĞİÖŞÜ])")
_WORD = re.compile(r"[a-zçğıöşüâîû]{5,}")
_QUESTIONS = (
    "{0} ve {1} hakkında ne söyleniyor?", "{0} {1} konusunu açıklar mısınız?", "{1} ile {0} için bilgi verir misiniz?", "{0} {1} nasıl oluyor?",
    "{0} için {1} ne demek?", "{0} {1}?", "{1} {0} hakkında bilgi istiyorum.", "{0} {1} konusunda ne yapmalıyım?", "peki {0} {1} ne oluyor",
    "Kaynaklarda {0} {1} geçiyor mu?",
)
_MISSING = (
    "Verilen kaynaklarda bu konuda bilgi yok.", "Kaynaklarda bunun yanıtı yer almıyor, ilgili kuruma danışmanızı öneririm.",
    "Elimdeki kaynaklar bu konuyu içermiyor; sorunuzu biraz daha açar mısınız?",
)
_SUMMARISE = ("Şu metni özetle:", "Bir cümleyle özetler misin?", "Kısaca ne diyor?")
MISSING_SHARE, SUMMARY_SHARE, QUESTIONS = 0.08, 0.08, 3


def _paragraphs(corpus: Path, draw: random.Random) -> Iterator[list[str]]:
    """Runs of three to five whole sentences of 6 to 32 words, from documents in random order."""
    texts = []
    for source in SOURCES:
        with (corpus / f"{source}.jsonl").open(encoding="utf-8") as lines:
            texts += [json.loads(line)["text"] for line in lines]
    draw.shuffle(texts)
    for text in texts:
        sentences = [s.strip() for s in _SENTENCE_END.split(text.replace("\n", " "))]
        run: list[str] = []
        for sentence in sentences:
            if 6 <= len(sentence.split()) <= 32 and sentence.endswith(".") and "[" not in sentence:
                run.append(sentence)
            else:
                run = []
            if len(run) == draw.choice((3, 4, 5)):
                yield run
                break


def _telling_words(sentence: str, elsewhere: str, draw: random.Random) -> list[str]:
    words = [w for w in dict.fromkeys(_WORD.findall(sentence)) if w[:5] not in elsewhere]
    longest = sorted(words, key=len, reverse=True)[:4]
    return draw.sample(longest, 2) if len(longest) >= 2 else []


def _title(run: list[str], draw: random.Random) -> str:
    return " ".join(run[0].split()[: draw.choice((2, 3, 4))]).rstrip(".,;:")


def _asked(shown: list[list[str]], at: int, sentence: str, draw: random.Random) -> list[Message]:
    """Question and answer about one sentence; none when its words do not tell it from the others."""
    words = _telling_words(sentence, " ".join(s for run in shown for s in run if s != sentence), draw)
    if not words:
        return []
    return [
        {"role": "user", "content": draw.choice(_QUESTIONS).format(*words)},
        {"role": "assistant", "content": f"{sentence[:-1]} [{at + 1}]."},
    ]


def _missing(run: list[str], draw: random.Random) -> list[Message]:
    words = _telling_words(run[1], "", draw)
    question = draw.choice(_QUESTIONS).format(*words) if words else "Peki başka ne gerekiyor?"
    return [{"role": "user", "content": question}, {"role": "assistant", "content": draw.choice(_MISSING)}]


def _summary(run: list[str], draw: random.Random) -> list[Message]:
    return [
        {"role": "user", "content": f"{draw.choice(_SUMMARISE)} {' '.join(run)}"},
        {"role": "assistant", "content": run[0]},
    ]


def quoting_tasks(corpus: Path, count: int, draw: random.Random) -> list[list[Message]]:
    """`count` conversations; most hold two passages and three questions about their sentences."""
    paragraphs = _paragraphs(corpus, draw)
    tasks: list[list[Message]] = []
    while len(tasks) < count:
        prompt = NEUTRAL_PROMPT if draw.random() < 0.7 else None
        if draw.random() < SUMMARY_SHARE:
            tasks.append(with_system_prompt(_summary(next(paragraphs), draw), prompt))
            continue
        shown = [next(paragraphs), next(paragraphs)]
        chosen = draw.sample([(at, sentence) for at in (0, 1) for sentence in shown[at][1:]], QUESTIONS)
        turns = [message for at, sentence in chosen for message in _asked(shown, at, sentence, draw)]
        if draw.random() < MISSING_SHARE * QUESTIONS:
            turns += _missing(next(paragraphs), draw)
        if turns:
            passages = [Passage(_title(run, draw), " ".join(run)) for run in shown]
            tasks.append(with_system_prompt(turns, prompt_with_passages(prompt, passages)))
    return tasks
