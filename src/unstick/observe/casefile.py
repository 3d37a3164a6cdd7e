"""Case files: what was reported, and what unstick itself observed, as YAML."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from unstick.case import Case, Evidence, Unobserved
from unstick.errors import UnreadableError
from unstick.observe.reported import Reported

MOST = 4 * 1024 * 1024
NODES = 200_000
DEEPEST = 50
"""Levels of nesting; a case has five, and libyaml's time grows with their square."""

Text = Annotated[str, msgspec.Meta(max_length=1_000_000)]


class ReportedFile(msgspec.Struct, frozen=True):
    """The `reported` part. A log is one text or a list of lines."""

    text: Text | None = None
    stage: Text | None = None
    sdk: Text | None = None
    hardware: Text | None = None
    readme_yaml: Text | None = None
    dockerfile: Text | None = None
    build_log: Text | list[Text] | None = None
    run_log: Text | list[Text] | None = None
    tried: list[Text] | None = None


class EvidenceFile(msgspec.Struct, frozen=True):
    """One piece of evidence as unstick wrote it."""

    sign: str
    present: bool
    source: str
    place: str = ""
    quote: str = ""


class UnobservedFile(msgspec.Struct, frozen=True):
    """A sign that could not be observed, and why."""

    sign: str
    reason: str


class ObservedFile(msgspec.Struct, frozen=True):
    """The `observed` part: written by unstick, read back as it was."""

    evidence: list[EvidenceFile] = []
    unobserved: list[UnobservedFile] = []
    facts: dict[str, str] = {}


class OutcomeFile(msgspec.Struct, frozen=True):
    """What turned out to be wrong. Only fitting and scoring read it; a diagnosis never does."""

    cause: str
    also_acceptable: list[str] = []
    domain: str = ""
    confirmed_by: str = ""
    fix: str = ""


class CaseFile(msgspec.Struct, frozen=True):
    """A case file. `source.ref` names the project, so that its cases stay in one fold."""

    id: str = ""
    reported: ReportedFile | None = None
    observed: ObservedFile | None = None
    outcome: OutcomeFile | None = None
    source: dict[str, Any] | None = None


def load_yaml(text: str, where: str) -> Any:
    """The plain data of a YAML text; aliases, tags and deep nesting that a case never needs are refused.

    Raises UnreadableError with line and column for what is not YAML.
    """
    import yaml

    if len(text) > MOST:
        raise UnreadableError(
            "the case file is larger than 4 MB", where=where, todo="Shorten the logs in it."
        )
    loader = yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader
    try:
        depth = 0
        for count, event in enumerate(yaml.parse(text, Loader=loader)):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if isinstance(event, yaml.AliasEvent) or count > NODES or depth > DEEPEST:
                raise UnreadableError(
                    "the YAML has aliases, too many nodes or too deep nesting", where=where,
                    todo="Write it out plainly.",
                )  # fmt: skip
        return yaml.load(text, Loader=loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        at = f"{where}:{mark.line + 1}:{mark.column + 1}" if mark else where
        problem = getattr(error, "problem", None) or "it cannot be parsed"
        raise UnreadableError(f"not a YAML file: {problem}", where=at, todo="Correct the file.") from None


def decode(text: str, where: str) -> CaseFile:
    """The case file in a text. Raises UnreadableError saying which field is wrong."""
    data = load_yaml(text, where)
    if isinstance(data, dict) and isinstance(data.get("reported"), dict):
        data = {**data, "reported": {name: _told(value) for name, value in data["reported"].items()}}
    try:
        case = msgspec.convert(data, CaseFile, strict=False)
    except msgspec.ValidationError as error:
        raise UnreadableError(
            f"not a case file: {error}", where=where, todo="`docs/schema/case.json` describes the format."
        ) from None
    if case.reported is None and case.observed is None:
        raise UnreadableError("not a case file: it has neither `reported` nor `observed`", where=where,
                              todo="`docs/schema/case.json` describes the format.")  # fmt: skip
    return case


def reported_of(file: CaseFile) -> Reported:
    """What was reported, as plain texts."""
    given = file.reported
    if given is None:
        return Reported()
    return Reported(
        text=given.text or "",
        stage=given.stage or "",
        sdk=given.sdk or "",
        hardware=given.hardware or "",
        readme_yaml=given.readme_yaml or "",
        dockerfile=given.dockerfile or "",
        build_log=_log(given.build_log),
        run_log=_log(given.run_log),
        tried=tuple(given.tried or ()),
    )


def observed_of(file: CaseFile) -> tuple[tuple[Evidence, ...], tuple[Unobserved, ...], dict[str, str]]:
    """The evidence, what was not observed, and the facts that unstick wrote itself."""
    given = file.observed
    if given is None:
        return (), (), {}
    evidence = tuple(Evidence(e.sign, e.present, e.source, e.place, e.quote) for e in given.evidence)
    return evidence, tuple(Unobserved(u.sign, u.reason) for u in given.unobserved), dict(given.facts)


def encode(case: Case, reported: Reported) -> str:
    """A case as the text of a case file: `reported` as it came, `observed` as unstick saw it. Redacted
    already."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Escapes the rarer line ends: YAML reads them back as plain ones."""

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        style = '"' if any(end in value for end in "\x85\u2028\u2029") else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style)

    Dumper.add_representer(str, text)
    data: dict[str, Any] = {"id": case.name or "case"}
    told = {name: value for name, value in reported._asdict().items() if value}
    if "tried" in told:
        told["tried"] = list(told["tried"])
    data["reported"] = told
    data["observed"] = {
        "evidence": [item._asdict() for item in case.evidence],
        "unobserved": [item._asdict() for item in case.unobserved],
        "facts": dict(case.facts),
    }
    return str(yaml.dump(data, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=100))


def schema() -> dict[str, Any]:
    """The JSON Schema of a case file."""
    found: dict[str, Any] = msgspec.json.schema(CaseFile)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "An unstick case", **found}


def _told(value: Any) -> Any:
    """What YAML made a number, a date or a mapping of, as the words that stood there: a log line may hold a
    colon."""
    if isinstance(value, list):
        return [item if isinstance(item, str) else _words(item) for item in value]
    return value if value is None or isinstance(value, str) else _words(value)


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{key}: {'' if item is None else item}" for key, item in value.items())
    return "" if value is None else str(value)


def _log(value: str | list[str] | None) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else "\n".join(value)
