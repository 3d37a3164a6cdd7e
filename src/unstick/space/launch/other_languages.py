"""R scripts: where Shiny and Plumber are told to listen."""

from __future__ import annotations

from unstick.patterns import lazy
from unstick.space.launch.types import Value
from unstick.space.launch.walk import Arguments, Context, Walk, add_server, find_source
from unstick.space.lines import Lines
from unstick.space.types import Place

_CALL = lazy(r"\b(runApp|shinyApp|pr_run|runUrl|plumb|run)\s*\(")
_PORT = lazy(
    r"\bport\s*=\s*(?:as\.(?:integer|numeric)\(\s*)?(?:Sys\.getenv\(\s*['\"](\w+)['\"]\s*(?:,\s*['\"]?(\d+)['\"]?)?\s*\)|(\d+))"
)
_HOST = lazy(r"\bhost\s*=\s*['\"]([^'\"\n]*)['\"]")
_OPTION = lazy(r"shiny\.(port|host)\s*=\s*['\"]?([\w.]+)")


def run_r(walk: Walk, context: Context, rest: Arguments) -> None:
    """`Rscript file.R` or `Rscript -e "…"`."""
    text, path, base = "", "", Place("")
    for i, argument in enumerate(rest):
        if argument.text == "-e" and i + 1 < len(rest):
            text, base = rest[i + 1].text, rest[i + 1].place
            break
        if not argument.text.startswith("-"):
            source = find_source(walk, context, argument.text)
            if source is None or source.text is not None:
                walk.cannot_tell(f"the R script {argument.text} is not at hand")
                return
            text, path = walk.space.tree.read_text(source.path) or "", source.path
            break
    text = text[:200_000]
    if _CALL.search(text) is None:
        walk.cannot_tell("the R script starts nothing that is known here")
        return
    found = _PORT.search(text)
    place = Lines(text, path).place(*found.span()) if found and path else base
    said = dict(_OPTION.findall(text))
    port = Value(said.get("port"), "literal" if "port" in said else "unknown", place)
    if found:
        variable = context.variables.get(found.group(1)) if found.group(1) else None
        if found.group(3):
            port = Value(found.group(3), "literal", place)
        elif variable is not None:
            port = variable
        elif found.group(2):
            port = Value(found.group(2), "env-default", place, variable=found.group(1))
    host = _HOST.search(text)
    address = Value(
        host.group(1) if host else said.get("host", "127.0.0.1"), "literal" if host else "default", place
    )
    add_server(walk, context, "shiny", port, address, place)
