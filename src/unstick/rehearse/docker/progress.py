"""BuildKit's plain progress, read as the platform's build log, and whose failure a failed build is."""

from __future__ import annotations

import re

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rehearse.backend import BuildFailed, CannotRehearse

if TYPE_CHECKING:
    from unstick.rehearse.backend import Log

STEP = re.compile(r"^#(\d+) (.*)$")
HEADER = re.compile(r"^\[(?!internal|auth)[^\]]*\] (.*)$")
OUTPUT = re.compile(r"^\d+\.\d+ ?(.*)$")
DIGEST = re.compile(r"^(?:sha256:[0-9a-f]{64}|resolve |extracting )")
LENT = re.compile(r"--mount=type=secret,id=unstick-\S+ ")
EXECUTOR = re.compile(r"executor failed running \[(.*)\]: exit code: (\d+)")
RULE = "------"

NO_BASE = lazy(
    r"pull access denied|manifest unknown|manifest for .* not found|failed to resolve source metadata"
    r"|no such host|failed to authorize|failed to do request|connection refused|i/o timeout"
    r"|network is unreachable|: not found$|no match for platform|insufficient_scope|x509:|EOF$"
)
"""What BuildKit says when a base image cannot be fetched (wording of containerd and registries)."""

NO_NETWORK = lazy(
    r"Temporary failure in name resolution|Could not resolve host|Name or service not known"
    r"|CERTIFICATE_VERIFY_FAILED|Failed to establish a new connection|Temporary failure resolving"
    r"|Could not connect to|Network is unreachable|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|getaddrinfo failed|dns error"
    r"|certificate verify failed|SSL certificate problem|[Ss]elf-signed certificate|ProxyError"
    r"|tunneling socket|Connection refused|Connection timed out|error sending request for url|UnknownIssuer"
    r"|UNABLE_TO_GET_ISSUER_CERT|SELF_SIGNED_CERT|Could not handshake|Unable to fetch some archives"
)
"""What package clients say when an index cannot be reached from here (wording of pip, uv, apt, curl, npm)."""

FAILED = lazy(r"did not complete successfully: exit code: (\d+)")
LACKING = lazy(r"(?i)unknown flag: \S+|unknown mount type|unsupported (?:mount|flag)|unexpected key '")
"""What an older frontend says about what it does not know."""

MOST_TAIL = 200


class Progress:
    """Takes the lines of `docker build --progress=plain`, and writes '--> step', its output, 'DONE 0.1s'."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.names: dict[str, str] = {}
        self.begun: set[str] = set()
        self.outputs: dict[str, list[str]] = {}
        self.failing = ""
        self.other: list[str] = []
        self._summary = False

    def line(self, text: str) -> None:
        """Take one line."""
        if text.startswith(RULE):
            self._summary = True
        if self._summary:
            # The failing step's output once more, and then the error itself.
            if text.startswith(("ERROR", "error", "failed", "executor", "Dockerfile", "rpc error")):
                self._other(text)
            return
        found = STEP.match(text)
        if found is None:
            if text.strip():
                self._other(text)
            return
        number, rest = found[1], found[2]
        header = HEADER.match(rest)
        if header is not None:
            self.names.setdefault(number, LENT.sub("", header[1]))
        elif number in self.names:
            self._step(number, rest)
        elif rest.startswith("ERROR"):
            self._other(f"--> {rest}")

    def judge(self, code: int) -> None:
        """Whose failure it is. Raises BuildFailed for one of the Space, CannotRehearse for one
        of this machine."""
        if code == 0:
            return
        step = self.outputs.get(self.failing, [])
        said = "\n".join([*step, *self.other])
        failed = FAILED.search(said)
        if failed is not None:
            network = [line for line in step if NO_NETWORK.search(line)]
            if network:
                what = f"a build step cannot reach what it needs: {network[-1].strip()[:200]}"
                raise CannotRehearse(what, where="build")
            name = self.names.get(self.failing, "a build step").partition("\n")[0][:200]
            raise BuildFailed(f"{name}: exit code {failed[1]}")
        base = NO_BASE.search(said)
        if base is not None and (not self.failing or self.names[self.failing].startswith("FROM ")):
            raise CannotRehearse(
                f"the base image cannot be had here: {_line(said, base.start())}", where="FROM",
                todo="Pull or load it, or rehearse where its registry is reached.",
            )  # fmt: skip
        lacking = LACKING.search(said)
        if lacking is not None:
            raise CannotRehearse(
                f"this engine's BuildKit lacks something: {_line(said, lacking.start())}", where="build"
            )
        raise BuildFailed(f"the image cannot be built: {_last(self.other or step)}")

    def _step(self, number: str, rest: str) -> None:
        if DIGEST.match(rest):
            return
        if number not in self.begun:
            self.begun.add(number)
            self.log(f"--> {self.names[number]}")
        output = OUTPUT.match(rest)
        if rest.startswith("ERROR"):
            self.failing = number
            said = f"--> {platform_words(rest)}"
        else:
            said = output[1] if output is not None else rest
        kept = self.outputs.setdefault(number, [])
        kept.append(said)
        del kept[:-MOST_TAIL]
        self.log(said)

    def _other(self, text: str) -> None:
        said = platform_words(text)
        self.other = [*self.other[-MOST_TAIL:], said]
        self.log(said)


def platform_words(text: str) -> str:
    """An error as newer BuildKits, and so the platform, put it; what was lent is left out."""
    text = LENT.sub("", text)
    return EXECUTOR.sub(r'process "\1" did not complete successfully: exit code: \2', text)


def _line(text: str, at: int) -> str:
    return text[text.rfind("\n", 0, at) + 1 :].partition("\n")[0].removeprefix("--> ERROR: ").strip()[:200]


def _last(lines: list[str]) -> str:
    errors = [line for line in lines if "rror" in line or "failed" in line]
    return (errors or lines or ["no message"])[-1].strip()[:240]
