"""The chat template, as text for other engines and as token ids with a loss mask for training.

A message is `<|im_start|>role\\ncontent<|im_end|>\\n`. Only what the assistant says, its `<|im_end|>` included, is learned.
"""

import re
from collections.abc import Iterable
from typing import Protocol, TypedDict

END_OF_DOCUMENT = "</s>"
MESSAGE_START = "<|im_start|>"
MESSAGE_END = "<|im_end|>"
TOOL_CODE_START = "<|begin_of_tool_code|>"
TOOL_CODE_END = "<|end_of_tool_code|>"
CONTROL_TOKENS = (MESSAGE_START, MESSAGE_END, TOOL_CODE_START, TOOL_CODE_END)

JINJA_TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)

_TOOL_MARK = re.compile(f"({re.escape(TOOL_CODE_START)}|{re.escape(TOOL_CODE_END)})")
NEUTRAL_PROMPT = "Sen yardımcı bir Türkçe asistansın."


class Message(TypedDict):
    role: str
    content: str


class Tokenizer(Protocol):
    def encode(self, text: str) -> list[int]: ...
    def piece_to_id(self, piece: str) -> int: ...


def with_system_prompt(messages: Iterable[Message], prompt: str | None) -> list[Message]:
    system: list[Message] = [{"role": "system", "content": prompt}] if prompt else []
    return system + list(messages)


def _body(tokenizer: Tokenizer, message: Message) -> list[int]:
    """The tool-code marks are control tokens in what the assistant says, and plain characters in what anybody else does."""
    if message["role"] != "assistant" or TOOL_CODE_START not in message["content"]:
        return tokenizer.encode(message["content"])
    ids: list[int] = []
    for part in _TOOL_MARK.split(message["content"]):
        if part in (TOOL_CODE_START, TOOL_CODE_END):
            ids.append(tokenizer.piece_to_id(part))
        elif part:
            ids += tokenizer.encode(part)
    return ids


def render(tokenizer: Tokenizer, messages: Iterable[Message]) -> tuple[list[int], list[bool]]:
    """Token ids of a whole conversation, and for each token whether it is one to learn."""
    start, end = tokenizer.piece_to_id(MESSAGE_START), tokenizer.piece_to_id(MESSAGE_END)
    newline = tokenizer.encode("\n")
    ids: list[int] = []
    learned: list[bool] = []
    for message in messages:
        head = [start, *tokenizer.encode(message["role"] + "\n")]
        body = [*_body(tokenizer, message), end]
        ids += head + body + newline
        learned += [False] * len(head) + [message["role"] == "assistant"] * len(body) + [False] * len(newline)
    return ids, learned
