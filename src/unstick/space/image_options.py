"""Options of the commands in RUN lines."""

from __future__ import annotations


def split_options(words: list[str], with_value: str = "") -> tuple[list[str], list[str]]:
    """Options and the other words; `with_value` are letters of short options that take the next word."""
    options, rest, at = [], [], 0
    while at < len(words):
        word = words[at]
        if word == "--":
            rest += words[at + 1 :]
            break
        if word.startswith("-") and len(word) > 1:
            options.append(word)
            if not word.startswith("--") and word[-1] in with_value and at + 1 < len(words):
                at += 1
                options.append(words[at])
        else:
            rest.append(word)
        at += 1
    return options, rest


def option_value(options: list[str], *names: str) -> str:
    """What follows one of the options `names`, in the same word behind `=` or in the next; empty without
    it.
    """
    for at, option in enumerate(options):
        name, equals, value = option.partition("=")
        if name in names:
            return value if equals else options[at + 1] if at + 1 < len(options) else ""
    return ""
