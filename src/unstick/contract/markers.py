"""Whether an environment marker holds where a Space runs: CPython on Linux, x86-64.

Only what requirement files really use is evaluated: comparisons of the known variables with strings,
joined by
`and`, `or` and brackets. Anything else gives None: cannot tell.
"""

from __future__ import annotations

from unstick.contract import versions
from unstick.patterns import lazy

ENVIRONMENT = {
    "sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64",
    "implementation_name": "cpython", "platform_python_implementation": "CPython", "extra": "",
    "sys.platform": "linux", "os.name": "posix", "platform.machine": "x86_64",
}  # fmt: skip
_TOKEN = lazy(
    r"\s*(?:(?P<text>'[^']*'|\"[^\"]*\")|(?P<word>[A-Za-z_][A-Za-z0-9_.]*)|(?P<op>===|~=|==|!=|<=|>=|<|>|\(|\)))"
)
_LIMIT = 200


class _Unclear(Exception):
    """The marker has a form that is not evaluated here."""


def applies(marker: str, python: str) -> bool | None:
    """Whether `marker` holds on Python `python` ('3.10'); an empty marker always does; None: cannot tell."""
    if not marker.strip():
        return True
    try:
        tokens = _tokens(marker)
        answer, rest = _either(tokens, python, 0)
    except (_Unclear, IndexError):
        return None
    return answer if rest == len(tokens) else None


def _tokens(marker: str) -> list[str]:
    tokens: list[str] = []
    at = 0
    text = marker.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or len(tokens) > _LIMIT:
            raise _Unclear
        tokens.append(found[0].strip())
        at = found.end()
    return tokens


def _either(tokens: list[str], python: str, at: int) -> tuple[bool, int]:
    answer, at = _both(tokens, python, at)
    while at < len(tokens) and tokens[at] == "or":
        right, at = _both(tokens, python, at + 1)
        answer = answer or right
    return answer, at


def _both(tokens: list[str], python: str, at: int) -> tuple[bool, int]:
    answer, at = _term(tokens, python, at)
    while at < len(tokens) and tokens[at] == "and":
        right, at = _term(tokens, python, at + 1)
        answer = answer and right
    return answer, at


def _term(tokens: list[str], python: str, at: int) -> tuple[bool, int]:
    if tokens[at] == "(":
        answer, at = _either(tokens, python, at + 1)
        if tokens[at] != ")":
            raise _Unclear
        return answer, at + 1
    left, operator, at = tokens[at], tokens[at + 1], at + 2
    if operator == "not" and tokens[at] == "in":
        operator, at = "not in", at + 1
    return _compare(left, operator, tokens[at], python), at + 1


def _compare(left: str, operator: str, right: str, python: str) -> bool:
    a, b = _value(left, python), _value(right, python)
    if operator in {"in", "not in"}:
        return (a in b) == (operator == "in")
    if "python" in left or "python" in right:
        flipped = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
        if left[0] in "'\"":
            a, b, operator = b, a, flipped.get(operator, operator)
        answer = versions.allows(((operator, b),), a)
        if answer is not None:
            return answer
    if operator in {"==", "!="}:
        return (a == b) == (operator == "==")
    raise _Unclear


def _value(token: str, python: str) -> str:
    if token[0] in "'\"":
        return token[1:-1]
    if token == "python_version":
        return ".".join(python.split(".")[:2])
    if token == "python_full_version":
        return python if python.count(".") >= 2 else python + ".99"
    if token in ENVIRONMENT:
        return ENVIRONMENT[token]
    raise _Unclear
