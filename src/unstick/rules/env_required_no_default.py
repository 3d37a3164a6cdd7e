"""A variable or secret that has to be set, and no default.

What it finds: `os.environ["X"]` and settings without a default in code that runs before the server
listens; clients
(OpenAI, Groq, Gemini ...) made there with a key from the environment, which raise when it is not set;
checks that raise; build
arguments without a default that the build needs; what prisma.config asks for when `prisma generate` runs
in the build.

Why it matters: without the secret the start fails, for everybody who duplicates the Space too: secrets
are not copied.

Example:

    client = OpenAI(api_key=os.getenv("OPENAI_API_KEY"))     # at import

Instead:

    def client(): return OpenAI(api_key=os.environ["OPENAI_API_KEY"])     # at the first request

Repair safety: no edit.

Source: Hub docs spaces-overview (secrets); the clients' own errors.
"""

from __future__ import annotations

import ast
import re

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.executed import executed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space
    from unstick.space.executed import Step

RULE = Rule(
    code="A152",
    title="Required variable without a default",
    severity="advice",
    confidence=0.75,
    causes=(("missing-secret", 4.0),),
)

SET_BY_PLATFORM = {
    "SPACE_ID", "SPACE_HOST", "SPACE_AUTHOR_NAME", "SPACE_REPO_NAME", "SPACE_TITLE", "SPACE_CREATOR_USER_ID",
    "CPU_CORES",
    "MEMORY", "ACCELERATOR", "HOME", "PATH", "USER", "PWD", "HOSTNAME", "SYSTEM", "OAUTH_CLIENT_ID",
    "OAUTH_CLIENT_SECRET",
    "OAUTH_SCOPES", "OPENID_PROVIDER_URL", "LANG",
}  # fmt: skip
RAISING = {
    "OpenAI": "OPENAI_API_KEY", "AsyncOpenAI": "OPENAI_API_KEY", "AzureOpenAI": "AZURE_OPENAI_API_KEY",
    "Groq": "GROQ_API_KEY",
    "AsyncGroq": "GROQ_API_KEY", "genai.Client": "GEMINI_API_KEY", "ChatGroq": "GROQ_API_KEY",
    "ChatOpenAI": "OPENAI_API_KEY",
    "ChatGoogleGenerativeAI": "GOOGLE_API_KEY", "OpenAIEmbeddings": "OPENAI_API_KEY",
    "Pinecone": "PINECONE_API_KEY",
    "TavilyClient": "TAVILY_API_KEY", "ChatAnthropic": "ANTHROPIC_API_KEY",
    "TavilySearchResults": "TAVILY_API_KEY",
    "create_client": "SUPABASE_URL", "Together": "TOGETHER_API_KEY", "cohere.Client": "CO_API_KEY",
    "Mistral": "MISTRAL_API_KEY",
}  # fmt: skip
"""Clients whose constructor raises without a key, by the variable they read."""
_PREDEFINED = {
    "TARGETPLATFORM",
    "TARGETARCH",
    "TARGETOS",
    "TARGETVARIANT",
    "BUILDPLATFORM",
    "BUILDARCH",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
}
_FROM_ENVIRONMENT = lazy(r"(?:os\.)?(?:getenv|environ\.get)\(\s*['\"]([A-Za-z_][A-Za-z0-9_]*)['\"]\s*\)")


def check(space: Space) -> Iterator[Finding]:
    """One finding a variable."""
    said: set[str] = set()
    defaults = space.dockerfile.environment().values if space.dockerfile is not None else {}
    for step in executed(space):
        name, why, severity = _needed(step)
        if not name or name in said or name in SET_BY_PLATFORM or name in defaults or step.caught:
            continue
        said.add(name)
        yield RULE.finding(
            step.source.place(step.node),
            f"{why} when {name} is not set, before the server listens",
            f"Set {name} as a secret of the Space, and read it where it is first used.",
            severity=severity,
            data=(("variable", name),),
        )
    yield from _arguments(space)
    if space.dockerfile is not None and "prisma" in space.dockerfile.text:
        from unstick.rules._prisma import build_variables

        yield from build_variables(space, RULE)


def _needed(step: Step) -> tuple[str, str, str]:
    """Variable, what happens, severity; empty when the node asks for nothing."""
    node = step.node
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        base = ast.unparse(node.value)
        key = node.slice
        if base in ("os.environ", "environ") and isinstance(key, ast.Constant) and isinstance(key.value, str):
            return key.value, f"os.environ[{key.value!r}] raises KeyError", "advice"
    if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
        name = ast.unparse(node.func)
        short = name if name in RAISING else name.rpartition(".")[2]
        if short in RAISING and (short != "create_client" or "supabase" in step.source.text):
            return _client(node, short, step.source.text)
    if isinstance(node, ast.Raise) and step.called == "":
        return _checked(node, step.source.text)
    return "", "", ""


def _checked(node: ast.Raise, text: str) -> tuple[str, str, str]:
    """`raise` at the top of a module, under a test of a variable that was read without a default."""
    lines = text.splitlines()[max(node.lineno - 4, 0) : node.lineno]
    found = re.search(r"if\s+(?:not\s+(\w+)|(\w+)\s+is\s+None)\s*:", "\n".join(lines))
    if found is None:
        return "", "", ""
    assigned = re.search(rf"(?m)^{re.escape(found[1] or found[2])}\s*(?::[^=\n]+)?=\s*(.+)$", text)
    variable = _FROM_ENVIRONMENT.search(assigned[1]) if assigned else None
    return (variable[1], "the module raises", "advice") if variable else ("", "", "")


def _client(node: ast.Call, name: str, text: str) -> tuple[str, str, str]:
    """A client made with a key from the environment, or with none."""
    keys = [k.value for k in node.keywords if k.arg and ("key" in k.arg or "token" in k.arg)]
    value = (
        keys[0]
        if keys
        else (
            node.args[0] if node.args and name in ("TavilyClient", "create_client", "cohere.Client") else None
        )
    )
    if value is None:
        return (
            (RAISING[name], f"{name}() raises", "advice")
            if not node.args and not any(k.arg is None for k in node.keywords)
            else ("", "", "")
        )
    source = ast.unparse(value)
    if isinstance(value, ast.Name):
        found = re.search(rf"(?m)^\s*{re.escape(value.id)}\s*(?::[^=\n]+)?=\s*(.+)$", text)
        source = found[1] if found else ""
    variable = _FROM_ENVIRONMENT.search(source)
    if variable is None or " or " in source:
        return "", "", ""
    return variable[1], f"{name}(...) raises", "advice"


def _arguments(space: Space) -> Iterator[Finding]:
    """Build arguments without a default that an installing step of the Dockerfile uses: only another
    builder passes them."""
    dockerfile = space.dockerfile
    if dockerfile is None or space.sdk in ("gradio", "streamlit", "static"):
        return
    for stage in dockerfile.stages:
        open_arguments: dict[str, object] = {}
        for step in stage.instructions:
            if step.keyword == "ARG":
                for word in step.words:
                    if (
                        "=" not in word.text
                        and word.text not in dockerfile.global_arguments
                        and word.text not in _PREDEFINED
                    ):
                        open_arguments[word.text] = word
            elif step.keyword == "RUN" and re.search(r"\b(?:install|add|sync|clone)\b", step.text):
                for name in open_arguments:
                    if re.search(rf"\$(?:{name}\b|\{{{name}\}})", step.text) and not re.search(
                        rf"-[nz]\s+\"?\$\{{?{name}", step.text
                    ):
                        yield RULE.finding(
                            open_arguments[name].place,  # type: ignore[attr-defined]
                            f"the build argument {name} has no default, and the Hub's build passes none",
                            f"Write ARG {name}=<value>, or make it a variable of the Space.",
                            severity="error",
                            confidence=0.8,
                        )
                        open_arguments.pop(name)
                        break
