"""Long work before the server listens.

What it finds: models and data fetched from the Hub or elsewhere, and models trained, in code that runs
before the server
listens (at import, in start-up handlers); start scripts that wait for other services or download before
the server starts.

Why it matters: nothing answers on the port until that is done, at every start; a slow or refused download
ends in 'Launch
timed out, workload was not healthy after 30 min'.

Example:

    model = SentenceTransformer("all-MiniLM-L6-v2")     # at the top of main.py
    app = FastAPI()

Instead:

    @functools.cache
    def model(): return SentenceTransformer("all-MiniLM-L6-v2")

Repair safety: no edit.

Source: Hub docs spaces-config-reference (startup_duration_timeout); published logs of starts that timed out.
"""

from __future__ import annotations

import ast
import re

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.executed import executed
from unstick.space.start import start
from unstick.space.start_scripts import written_scripts
from unstick.space.types import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space
    from unstick.space.executed import Step

RULE = Rule(
    code="A151",
    title="Long work before the server listens",
    severity="warning",
    confidence=0.75,
    needs=("complete",),
    causes=(("slow-start", 5.0), ("hang-on-start", 1.0)),
)

HEAVY = {
    "from_pretrained": "fetches a model", "pipeline": "fetches a model",
    "SentenceTransformer": "fetches a model",
    "CrossEncoder": "fetches a model", "HuggingFaceEmbeddings": "fetches a model",
    "HuggingFaceBgeEmbeddings": "fetches a model",
    "SentenceTransformerEmbeddings": "fetches a model", "snapshot_download": "fetches a repository",
    "hf_hub_download": "fetches a file", "load_dataset": "fetches a data set",
    "gdown.download": "fetches a file",
    "gdown.download_folder": "fetches files", "WhisperModel": "fetches a model",
    "KPipeline": "fetches a model",
    "hub.load": "fetches a model", "whisper.load_model": "fetches a model",
    "easyocr.Reader": "fetches a model",
    "PaddleOCR": "fetches a model", "from_pretrained_or": "fetches a model",
    "VoxCPM.from_pretrained": "fetches a model",
    "urlretrieve": "fetches a file", "BGEM3FlagModel": "fetches a model", "TextEmbedding": "fetches a model",
    "hub.KerasLayer": "fetches a model", "Llama.from_pretrained": "fetches a model",
    "AutoModel": "fetches a model",
    "iter_content": "fetches a file", "fit": "trains a model", "wget.download": "fetches a file",
    "download_url_to_file": "fetches a file",
}  # fmt: skip
"""Calls that take long, by their name or the end of their dotted name."""
SMALL = ("tokenizer", "config", "processor", "feature_extractor")
_WAITING = lazy(
    r"(?m)^\s*(?:until|while)\b[^\n]*\b(?:curl|nc|pg_isready|redis-cli|mongosh|wget|python)\b|wait-for-it|wait_for_|dockerize\s+-wait"
)
_LISTEN_FIRST = {"streamlit", "chainlit", "voila", "solara"}
"""Servers that listen before they run the app's file."""
_FETCHING = lazy(r"download|fetch|train|build_index|ingest|prefetch|preload|prepare_model")
_SERVERS = {
    "uvicorn",
    "gunicorn",
    "streamlit",
    "hypercorn",
    "flask",
    "node",
    "nginx",
    "caddy",
    "python",
    "npm",
}


def check(space: Space) -> Iterator[Finding]:
    """One finding: at the first long call in Python, else in the start scripts."""
    if space.sdk in ("streamlit", "static") or _long_timeout(space):
        return
    entries = start(space).entries
    if entries and all(entry.by in _LISTEN_FIRST for entry in entries):
        yield from _scripts(space)
        return
    heavy = [(step, what) for step in executed(space) if (what := _what(space, step))]
    fetched = _fetched_in_build(space)
    if heavy and not fetched:
        yield _finding(space, heavy)
        return
    yield from _scripts(space)


def _finding(space: Space, heavy: list[tuple[Step, str]]) -> Finding:
    step, what = heavy[0]
    call = ast.unparse(step.node.func)[:60] if isinstance(step.node, ast.Call) else ""
    more = f" ({len(heavy)} such calls)" if len(heavy) > 1 else ""
    where = f"in {step.called}, which runs" if step.called else "at import,"
    return RULE.finding(
        step.source.place(step.node),
        f"{call}() {what} {where} before the server listens{more}",
        "Load it when it is first needed or in the background, or fetch it in the build; else raise "
        "startup_duration_timeout.",
        severity="advice" if space.sdk == "gradio" or step.caught else "warning",
    )


def _what(space: Space, step: Step) -> str:
    node = step.node
    if not isinstance(node, ast.Call) or not isinstance(node.func, (ast.Name, ast.Attribute)):
        return ""
    name = ast.unparse(node.func)
    parts = name.split(".")
    what = HEAVY.get(parts[-1]) or HEAVY.get(".".join(parts[-2:])) or ""
    if not what or any(word in name.lower() for word in SMALL):
        return ""
    if what == "trains a model":
        return what if _trains(node) else ""
    first = (
        node.args[0]
        if node.args
        else next(
            (
                k.value
                for k in node.keywords
                if k.arg in ("model", "model_name", "repo_id", "pretrained_model_name_or_path")
            ),
            None,
        )
    )
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        if first.value.startswith(("./", "/", "../")) or space.tree.exists(first.value):
            return ""
        if (
            parts[-1] == "pipeline"
            and len(node.args) < 2
            and not any(k.arg == "model" for k in node.keywords)
        ):
            return what
    if any(k.arg == "local_files_only" and getattr(k.value, "value", None) is True for k in node.keywords):
        return ""
    return what


def _trains(node: ast.Call) -> bool:
    """`model.fit(X, y)`: two arguments or more, on something that is called a model."""
    base = ast.unparse(node.func.value).lower() if isinstance(node.func, ast.Attribute) else ""
    return len(node.args) >= 2 and any(
        word in base for word in ("model", "clf", "classifier", "regress", "pipe", "net")
    )


def _long_timeout(space: Space) -> bool:
    field = space.field("startup_duration_timeout")
    found = re.fullmatch(r"(\d+)\s*([hm])", field.text.strip()) if field else None
    return bool(found) and (found[2] == "h" or int(found[1]) > 30)  # type: ignore[index]


def _fetched_in_build(space: Space) -> bool:
    """Whether the build fetches models, and the run-time user finds them: the same user, or a cache named
    by a variable."""
    dockerfile = space.dockerfile
    final = dockerfile.final if dockerfile else None
    if dockerfile is None or final is None or space.sdk == "gradio":
        return False
    user = ""
    fetched_by: list[str] = []
    for stage in dockerfile.chain(final):
        for step in stage.instructions:
            if step.keyword == "USER":
                user = step.text
            text = step.text + "".join(h.body for h in step.heredocs)
            if step.keyword == "RUN" and (
                re.search(
                    "from_pretrained|SentenceTransformer|snapshot_download|hf "
                    "download|huggingface-cli "
                    "download|pipeline\\(|load_model|CrossEncoder|download_model|preload|cache_model",
                    text,
                )
            ):
                fetched_by.append(user)
    named = any(
        name in dockerfile.environment().values
        for name in (
            "HF_HOME",
            "TRANSFORMERS_CACHE",
            "SENTENCE_TRANSFORMERS_HOME",
            "HF_HUB_CACHE",
            "TORCH_HOME",
        )
    )
    return any(by == user for by in fetched_by) or (bool(fetched_by) and named)


def _scripts(space: Space) -> Iterator[Finding]:
    """Start scripts that wait for something, and commands that fetch, before the public server starts."""
    begin = start(space)
    for before, after in zip(begin.entries, begin.entries[1:], strict=False):
        name = before.path.rpartition("/")[2]
        if _FETCHING.search(name) and before.script and (after.by or "") != "python":
            yield RULE.finding(
                before.place,
                f"the start command runs {before.path} before the server, at every start",
                "Run it in the build, or in the background.",
            )
            return
    dockerfile = space.dockerfile
    final = dockerfile.final if dockerfile else None
    written = written_scripts(dockerfile, final) if dockerfile and final else {}
    for path in begin.scripts:
        generated = written.get(path.rpartition("/")[2])
        text = generated[0] if generated else space.text(path)
        found = _WAITING.search(text) if text else None
        if found and text is not None and _server_after(text[found.end() :]):
            line = text.count("\n", 0, found.start()) + 1 + (found[0].startswith("\n"))
            yield RULE.finding(
                generated[1] if generated else Place(path, line),
                "the script waits for another service before it starts the public server",
                "Start the public server first, and let it wait in the background.",
                severity="advice",
            )
            return


def _server_after(rest: str) -> bool:
    return any(
        word in _SERVERS for line in rest.splitlines() for word in line.replace("exec ", "").split()[:1]
    )
