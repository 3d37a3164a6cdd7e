"""The Space as a whole."""

from __future__ import annotations

from pathlib import Path

from unstick.space import Space


def test_parts_are_read_once_and_broken_ones_keep_their_text(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("---\nsdk: gradio\napp_file: main.py\napp_port: x\n---\n")
    (tmp_path / "main.py").write_text("import a\nprint('é', 1 if)\n")
    (tmp_path / "ok.py").write_text("# coding: latin-1\nx = 'é'; y = 2\n", encoding="latin-1")
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text('[server]\nport = 9000 # c\naddress="127.0.0.1"\n')
    space = Space.open(str(tmp_path))
    assert (space.sdk, space.app_file, space.app_port, space.dockerfile) == ("gradio", "main.py", None, None)
    broken = space.python("main.py")
    assert broken is space.python("main.py")
    assert broken is not None and broken.tree is None and broken.error_place is not None
    assert broken.error_place.line == 2 and broken.text.startswith("import a")
    assert space.python("none.py") is None
    fine = space.python("ok.py")
    assert fine is not None and fine.tree is not None
    config = space.streamlit_config
    assert config is not None and config.error == ""
    port = config.get("server.port")
    assert port is not None and (port.text, port.place.line) == ("9000", 2)
    assert config.text[port.place.start : port.place.end] == "9000"


def test_places_of_python_nodes_count_characters() -> None:
    import ast

    text = "x = 'é🚀'; run(port=8000)\n"
    source = Space.from_files({"a.py": text}).python("a.py")
    assert source is not None and source.tree is not None
    call = next(n for n in ast.walk(source.tree) if isinstance(n, ast.Call))
    place = source.place(call)
    assert text[place.start : place.end] == "run(port=8000)"
