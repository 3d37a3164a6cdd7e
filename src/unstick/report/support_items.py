"""What support asks for, found in a case as far as it is there; what is missing says how to get it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from unstick.observe.reported import Reported
from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.redact import redact
from unstick.report import support_words as words
from unstick.report.diagnosis import filled, sign_title
from unstick.text import one_line, printable

if TYPE_CHECKING:
    from unstick.case import Case, Evidence
    from unstick.diagnose.types import Diagnosis

NOTHING = Reported()
TAIL = 20
"""So many lines of the end of a log."""

TRIED = (
    "restart-no-help", "restart-helps", "rebuild-no-help", "new-space-works", "recreated-no-help",
    "commit-no-help", "hardware-no-help",
)  # fmt: skip
"""Signs that say what was tried, and what came of it."""

LISTS = ("tried", "rehearsal")
"""Items whose value is a list, one thing a line."""

WITHOUT_DOCKERFILE = ("gradio", "streamlit", "static")

LINE = 300
"""So many characters of one line of a log."""

_COMMIT = lazy(r"Commit SHA: ?([0-9a-f]{7,40})")
_SPACE = lazy(r"huggingface\.co/spaces/([\w.-]{1,96}/[\w.-]{1,96})")
_REQUEST_ID = lazy(
    r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}|(?<=request id[: ])\s?[\w=-]{8,64}|(?<=request-id[: ])\s?[\w=-]{8,64}",
    re.IGNORECASE,
)
_ADDRESS = lazy(r"\s*(?:Local |Network |External )?URL: ?https?://")
_TIMES = lazy(r"(?:Application Startup|Build Queued) at (\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})")


class Item(NamedTuple):
    """One thing that support asks for.

    `value` is None when it is missing; `how` then says how to get it. `block` marks values of several lines.
    """

    key: str
    name: str
    value: str | None
    how: str = ""
    block: bool = False


def items(diagnosis: Diagnosis, reported: Reported = NOTHING) -> tuple[Item, ...]:
    """Everything that support asks for, in the order of a letter, secrets redacted, whatever was read.

    `reported` gives README block and Dockerfile where there is no checkout to read them from.
    """
    case = diagnosis.case
    found = [
        *_identity(case),
        *_setting(case, reported),
        *_trouble(case),
        *_logs(case),
        _tried(case),
        _rehearsal(case),
    ]
    return tuple(
        item._replace(value=_clean(item.value, item.block) or None, how=filled(item.how, case))
        for item in found
    )


def _clean(value: str | None, block: bool) -> str:
    """A value without secrets and without anything that drives a terminal."""
    text = printable(redact(value or "", emails=True), lines=True).strip("\n" if block else None)
    return text if block else " ".join(text.split())


def space_id(case: Case) -> str:
    """The Space's owner/name: from the facts, or from an address in the description; empty when unknown."""
    given = case.fact("space_id")
    if given:
        return given
    match = _SPACE.search(case.description)
    return match[1].rstrip(".") if match else ""


def _identity(case: Case) -> Iterator[Item]:
    name = space_id(case)
    address = f"https://huggingface.co/spaces/{name}" if name else None
    yield Item(
        "url", "Space", address, "the address of the Space's page, https://huggingface.co/spaces/OWNER/NAME"
    )
    yield Item(
        "namespace",
        "Namespace",
        name.partition("/")[0] or None,
        "the user or organisation that owns the Space",
    )


def _setting(case: Case, reported: Reported) -> Iterator[Item]:
    sdk = case.fact("sdk")
    yield Item(
        "hardware",
        "Hardware",
        case.fact("hardware") or words.hardware(case.description) or None,
        "Settings → Hardware, the name shown there",
    )
    yield Item("sdk", "SDK", sdk or None, "`sdk:` in the README block")
    port = case.fact("app_port") or ("not set, so 7860" if case.fact("no_app_port") else "")
    exposed, start = _image(case, reported)
    if sdk in WITHOUT_DOCKERFILE:
        port, exposed = port or f"not used with sdk: {sdk}", exposed or f"no Dockerfile with sdk: {sdk}"
    yield Item("app_port", "app_port", port or None, "`app_port:` in the README block, or 'not set'")
    yield Item("expose", "EXPOSE", exposed or None, "the EXPOSE line of the Dockerfile, or 'none'")
    yield Item("start", "Start command", start or None, "CMD or ENTRYPOINT of the Dockerfile, or app_file")
    block = _block(case.space) if case.space is not None else reported.readme_yaml
    how = "the lines between --- and --- of README.md, all of them"
    yield Item("readme", "README block", block or None, how, True)


def _block(space: object) -> str:
    """The README's block as it stands, with its lines of dashes."""
    readme = getattr(space, "readme", None)
    if readme is None or not readme.end:
        return ""
    return f"---\n{readme.text[readme.start : readme.end].strip()}\n---"


def _image(case: Case, reported: Reported) -> tuple[str, str]:
    """What is exposed, and what starts the app."""
    space = case.space
    if space is None:
        return _lines_of(reported.dockerfile)
    if space.sdk == "docker" and space.dockerfile is not None and space.dockerfile.final is not None:
        chain = space.dockerfile.chain(space.dockerfile.final)
        steps = [step for stage in chain for step in stage.instructions]
        exposed = ", ".join(step.text for step in steps if step.keyword == "EXPOSE")
        start = {step.keyword: step.text for step in steps if step.keyword in ("ENTRYPOINT", "CMD")}
        return exposed or "none", " · ".join(
            f"{keyword} {text}" for keyword, text in sorted(start.items())[::-1]
        )
    command = {"gradio": "python", "streamlit": "streamlit run"}.get(space.sdk or "")
    return "", f"{command} {space.app_file}" if command and space.app_file else ""


def _lines_of(dockerfile: str) -> tuple[str, str]:
    """The same from lines of a Dockerfile that somebody quoted."""
    lines = [line.strip() for line in dockerfile.splitlines()]
    exposed = [line[7:].strip() for line in lines if line.upper().startswith("EXPOSE ")]
    start = [line for line in lines if line.upper().startswith(("CMD ", "ENTRYPOINT "))]
    return ", ".join(exposed), " · ".join(start)


def _trouble(case: Case) -> Iterator[Item]:
    shas = _COMMIT.findall(case.build_log)
    yield Item(
        "commit",
        "Commit",
        case.fact("sha") or (shas[-1] if shas else None),
        "`git rev-parse HEAD` in the Space's clone",
    )
    stage = case.fact("stage") or _seen(case, "stage-")
    yield Item("stage", "Stage shown", stage or None, "the badge on the Space's page, in its words")
    yield Item(
        "began", "Began", _began(case), "date, time and time zone of when it began, e.g. 2026-04-07 15:10 UTC"
    )
    how = "open https://OWNER-NAME.hf.space in its own tab, or `curl -si` it, and write down the status"
    yield Item("direct_url", "Direct URL", _direct(case), how)
    message = case.fact("error_message") or _decisive_line(case) or _quoted_error(case)
    yield Item(
        "error", "Error message", message or None, "the message on the Space's page, word for word, or 'none'"
    )
    texts = "\n".join((case.description, case.fact("error_message"), case.run_log[-20000:]))
    found = (each.strip() for each in _REQUEST_ID.findall(texts))
    seen = [each for each in (case.fact("request_id"), *found) if any(c.isdigit() for c in each)]
    ids = list(dict.fromkeys(seen))
    yield Item(
        "request_ids",
        "Request ids",
        ", ".join(ids[:5]) or None,
        "the 'Root=1-…' of an error page, if one shows it",
    )


def _decisive_line(case: Case) -> str:
    """The line of a log that the sign in the fact `log_error` was seen in."""
    sign = case.fact("log_error")
    return next((item.quote for item in case.evidence if sign and item.present and item.sign == sign), "")


def _quoted_error(case: Case) -> str:
    """The first message in the evidence that reads like an error."""
    seen = (item for item in case.evidence if item.present and item.sign.startswith("log-"))
    quotes = (
        item.quote for item in seen if not item.sign.startswith(("log-banner", "log-ends", "log-build"))
    )
    return next((quote for quote in quotes if words.is_failure(quote)), "")


def _seen(case: Case, prefix: str) -> str:
    """The titles of the signs of a family that were seen."""
    return ", ".join(
        sign_title(item.sign) for item in case.evidence if item.present and item.sign.startswith(prefix)
    )


def _began(case: Case) -> str | None:
    """When it began, or what is known of it."""
    if case.fact("since"):
        return case.fact("since")
    known: list[str] = []
    hours = next(
        (item for item in case.evidence if item.sign == "stuck-hours" and item.present and item.quote), None
    )
    if hours is not None:
        known.append(f"'{words.around(case.description, one_line(hours.quote))}'")
    for name, log in (("build log", case.build_log), ("run log", case.run_log)):
        times = _TIMES.findall(log)
        if times:
            known.append(f"{name} from {times[-1]} on")
    return "; ".join([*known, "[please add date, time and time zone]"]) if known else None


def _direct(case: Case) -> str | None:
    """What the direct address answers."""
    if case.fact("direct_url"):
        return case.fact("direct_url")
    for item in case.evidence:
        if item.sign.startswith("direct-url"):
            return sign_title(item.sign, item.present) + (f": {item.quote}" if item.quote else "")
    return words.direct(case.description) or None


def _logs(case: Case) -> Iterator[Item]:
    yield Item(
        "build_log",
        "End of the build log",
        tail(case.build_log),
        "`hf spaces logs OWNER/NAME --build -n 20`",
        True,
    )
    yield Item("run_log", "End of the run log", tail(case.run_log), "`hf spaces logs OWNER/NAME -n 20`", True)
    yield Item(
        "after_start",
        "After the start-up line",
        after_start(case.run_log),
        "the run log from its start-up line on",
        True,
    )


def tail(log: str) -> str | None:
    """The last lines of a log, each cut to a bearable length."""
    lines = [line.rstrip()[:LINE] for line in log[-TAIL * 2000 :].splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines[-TAIL:]) or None


def after_start(log: str) -> str | None:
    """What the run log says after the line in which the server announces itself; None without such a line."""
    if not log:
        return None
    from unstick.signs import logs

    banner = logs.scan(log, "run").banner
    if banner is None:
        return None
    rest = [line.rstrip()[:LINE] for line in log.splitlines()[banner.line :] if line.strip()]
    while rest and _ADDRESS.match(rest[0]):
        del rest[0]
    more = f"\n(and {len(rest) - TAIL} more lines)" if len(rest) > TAIL else ""
    return f"{banner.text.strip()[:LINE]}\n" + (
        "\n".join(rest[:TAIL]) + more if rest else "(nothing after it)"
    )


def _tried(case: Case) -> Item:
    seen = [_told(item) for item in case.evidence if item.present and item.sign in TRIED]
    # A description of one sentence stands in the letter already.
    sentences = words.tried(case.description) if len(words.sentences(case.description)) > 1 else []
    tried = [*case.tried, *sentences] or seen
    how = "what you did and what changed: restart, factory reboot, a new commit, a duplicate"
    return Item("tried", "Tried", _list(tried), how, True)


def _rehearsal(case: Case) -> Item:
    from unstick.observe.derive import SIGNS

    told = [
        _rehearsed(item, case)
        for item in case.evidence
        if item.source == "rehearsal" and item.present and item.sign not in SIGNS
    ]
    how = "whether the same commit starts elsewhere: "
    how += "`docker build -t app . && docker run --user 1000 -p 7860:7860 app`"
    return Item("rehearsal", "Run elsewhere", _list(told), how, True)


def _rehearsed(item: Evidence, case: Case) -> str:
    """What a rehearsal showed; where it served, beside what is shown there."""
    if item.sign != "rehearsal-serves" or not item.quote:
        return _told(item)
    there = _seen(case, "stage-") or (f"stage {case.fact('stage')}" if case.fact("stage") else "")
    return f"{item.quote}; there: {there}" if there else item.quote


def _list(lines: list[str]) -> str | None:
    return "\n".join(f"- {one_line(line)}" for line in lines) or None


def _told(item: Evidence) -> str:
    title = sign_title(item.sign)
    return f"{title}: {item.quote}" if item.quote else title
