"""Shell: order, conditions, functions, quotes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from unstick.space.shell import Choice, Function, Group, If, Loop, Simple, parse


def shape(items: object) -> object:
    """A readable form of a parsed script."""
    out = []
    for node, operator, background in items:  # type: ignore[attr-defined]
        if isinstance(node, Simple):
            words = [f"{n}={w.text}" for n, w in node.assignments] + [w.text for w in node.words]
            value: object = " ".join(words) + (f" >{node.outputs}" if node.outputs else "")
        elif isinstance(node, If):
            value = ["if", *[(shape(c), shape(b)) for c, b in node.branches], shape(node.otherwise)]
        elif isinstance(node, Loop):
            value = ["loop", shape(node.condition), shape(node.body)]
        elif isinstance(node, Choice):
            value = ["case", node.word.text, [(p, shape(b)) for p, b in node.branches]]
        elif isinstance(node, Function):
            value = ["function", node.name, shape(node.body)]
        else:
            assert isinstance(node, Group)
            value = ["group", shape(node.body)]
        out.append((operator, value, "&") if background else (operator, value))
    return out


def test_lists_and_background() -> None:
    assert shape(parse("a b && c || d; e & f | g\nh")) == [
        (";", "a b"), ("&&", "c"), ("||", "d"), (";", "e", "&"), (";", "f"), ("|", "g"), (";", "h"),
    ]  # fmt: skip
    assert shape(parse("a && \\\n  b\nc \\\n  d")) == [(";", "a"), ("&&", "b"), (";", "c d")]


def test_words() -> None:
    (item,) = parse(
        """X=1 Y="a b" run 'it $x' "q $y \\"z\\"" \\$no ${P:-7 8} $(date +%s "a)b") `x y` # end\n"""
    )
    assert isinstance(item.node, Simple)
    assert [w.text for w in item.node.words] == [
        "run", "it \\$x", 'q $y "z"', "\\$no", "${P:-7 8}", '$(date +%s "a)b")', "$(x y)",
    ]  # fmt: skip
    assert [(n, w.text) for n, w in item.node.assignments] == [("X", "1"), ("Y", "a b")]


def test_redirections_and_heredocs() -> None:
    assert shape(parse("cat > /a <<EOF\nuvicorn x\nEOF\nrun >> log 2>&1 &\n")) == [
        (";", "cat >('/a',)"), (";", "run >('log',)", "&"),
    ]  # fmt: skip


def test_structures() -> None:
    text = 'if [ "$A" = x ]; then\n a\nelif b; then c; else\n d\nfi\n'
    text += "while true; do e; done\nfor i in 1 2; do f; done\n"
    assert shape(parse(text)) == [
        (";", ["if", ([(";", "[ $A = x ]")], [(";", "a")]), ([(";", "b")], [(";", "c")]), [(";", "d")]]),
        (";", ["loop", [(";", "true")], [(";", "e")]]),
        (";", ["loop", [], [(";", "f")]]),
    ]
    text = 'case "$1" in\n  web|x) a ;;\n  *) b\n ;;\nesac\nf() {\n  c\n}\nfunction g { d; }\n( e; f ) &\n'
    assert shape(parse(text)) == [
        (";", ["case", "$1", [(("web", "x"), [(";", "a")]), (("*",), [(";", "b")])]]),
        (";", ["function", "f", [(";", "c")]]),
        (";", ["function", "g", [(";", "d")]]),
        (";", ["group", [(";", "e"), (";", "f")]], "&"),
    ]


def test_damage_is_survived() -> None:
    assert shape(parse("fi\n) a\nb")) == [(";", "a"), (";", "b")]
    for text in (
        "if a",
        "case",
        "f() {",
        "'",
        '"',
        "$(",
        "${",
        "<<",
        "a <<X",
        "((((",
        "if " * 500,
        "{ " * 5000,
    ):
        parse(text)


@given(st.text(st.sampled_from("ab if then fi case in esac()<>|&;\n'\"\\$`{}#=")))
def test_any_text_can_be_parsed(text: str) -> None:
    for item in parse(text):
        if isinstance(item.node, Simple):
            assert 0 <= item.node.start <= item.node.end <= len(text)
