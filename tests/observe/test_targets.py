"""What the command line names: recognised, or refused in one clear line."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conftest import Ran, run_unstick
from unstick.errors import UnreadableError, UsageError
from unstick.observe.targets import case_of, recognise

STORY = "My Space is stuck on Preparing for 12 hours. The build log is clean."


def one_line(ran: Ran, code: int) -> str:
    """The message of a refused call: nothing on standard output, one line on the other."""
    assert (ran.code, ran.out) == (code, ""), ran
    assert ran.err.startswith("unstick: ") and ran.err.count("\n") == 1, ran.err
    return ran.err


BAD_FILES = {
    "empty": (b"", "is empty"),
    "blank": (b" \n\t\n", "is empty"),
    "binary": (b"\x7fELF\x02\x01\x00\x00\x00" + bytes(range(256)) * 4, "is a binary file"),
    "utf-16 without a mark": (STORY.encode("utf-16-le"), "looks like UTF-16"),
    "utf-16-be without a mark": (STORY.encode("utf-16-be"), "looks like UTF-16"),
    "half a utf-16 character": (STORY.encode("utf-16") + b"\x00", "is not valid utf-16"),
    "noise": (bytes(range(128, 160)) * 30, "is not UTF-8 text"),
    "large binary": (b"\x00\x01\x02" * 1_500_000, "is a binary file"),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, kind: str) -> None:
    data, says = BAD_FILES[kind]
    path = tmp_path / "told.txt"
    path.write_bytes(data)
    with pytest.raises(UnreadableError, match=says):
        recognise(str(path))
    assert [entry.name for entry in tmp_path.iterdir()] == ["told.txt"]


@pytest.mark.parametrize("kind", ["empty", "binary", "utf-16 without a mark"])
def test_the_command_says_so_in_one_line(tmp_path: Path, kind: str) -> None:
    data, says = BAD_FILES[kind]
    path = tmp_path / "told.txt"
    path.write_bytes(data)
    assert says in one_line(run_unstick("diagnose", path), 3)


def test_standard_input_is_named_in_messages() -> None:
    assert "standard input: is empty" in one_line(run_unstick("diagnose", "-", stdin=""), 3)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_marked_encodings_give_the_same_case(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "told.txt"
    path.write_bytes(STORY.encode(encoding))
    assert case_of([str(path)])[0].description == STORY


def test_latin_1_is_read_as_such(tmp_path: Path) -> None:
    path = tmp_path / "told.txt"
    path.write_bytes(("Völlig klar: " + STORY).encode("latin-1"))
    assert case_of([str(path)])[0].description == "Völlig klar: " + STORY


def test_one_broken_byte_leaves_the_rest_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "told.txt"
    path.write_bytes("Völlig klar: ".encode() + b"\xff " + STORY.encode())
    assert case_of([str(path)], "description")[0].description == "Völlig klar: \ufffd " + STORY


def test_a_missing_path_is_a_wrong_call() -> None:
    assert "no such file or folder" in one_line(run_unstick("diagnose", "no/such/file.txt"), 2)


@pytest.mark.parametrize("names", [[], ["notes.txt", "data.csv"], ["deep/er/photo.png"]])
def test_a_folder_that_is_no_space_is_refused(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert "is no Space" in one_line(run_unstick("diagnose", tmp_path), 3)


@pytest.mark.parametrize("name", ["README.md", "Dockerfile", "app.py", "index.html", "requirements.txt"])
def test_one_file_of_a_space_is_enough(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("# hello\n")
    case, _ = case_of([str(tmp_path)])
    assert case.space is not None and case.space.tree.names() == (name,)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may read everything, so for a while this process is nobody."""
    root = os.geteuid() == 0
    if root:
        os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        if root:
            os.setresuid(0, 0, 0)


@pytest.mark.skipif(not hasattr(os, "setresuid"), reason="NOT TESTED: rights are other ones there")
@pytest.mark.parametrize(("folder", "says"), [(False, "cannot be read"), (True, "may not be read")])
def test_what_may_not_be_read_is_refused(folder: bool, says: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        path = Path(name) / "locked"
        if folder:
            path.mkdir()
        else:
            path.write_text(STORY)
        path.chmod(0)
        with as_nobody(), pytest.raises(UnreadableError, match=says):
            recognise(str(path))
        path.chmod(0o700)


def test_a_failing_read_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> object:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "told.txt"
    path.write_text(STORY)
    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(UnreadableError, match="cannot be read: Permission denied"):
        recognise(str(path))


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.chdir(tmp_path)  # the path of a socket has to be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s")
        with pytest.raises(UnreadableError, match="neither a file nor a folder"):
            recognise("s")


def test_a_dangling_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gone.txt").symlink_to("nothing")
    with pytest.raises(UnreadableError, match="cannot be read"):
        recognise(str(tmp_path / "gone.txt"))


HUB = [
    "jane/er-demo",
    "https://huggingface.co/spaces/jane/er-demo",
    "https://hf.co/spaces/jane/er-demo",
    "https://jane-er-demo.hf.space",
    "https://jane-er-demo.static.hf.space/index.html",
]


@pytest.mark.parametrize("name", HUB)
def test_what_is_no_path_and_names_a_space_is_one(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert recognise(name).kind == "space"


def test_a_mistyped_path_is_not_asked_of_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "jane").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="reads like a path"):
        recognise("jane/er-demo")


def test_an_existing_path_wins_over_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "jane").mkdir()
    (tmp_path / "jane/er-demo").write_text(STORY)
    monkeypatch.chdir(tmp_path)
    assert recognise("jane/er-demo").text == STORY


def space(folder: Path, sdk: str) -> Path:
    """A folder with a README block."""
    folder.mkdir()
    (folder / "README.md").write_text(f"---\ntitle: x\nsdk: {sdk}\n---\n")
    return folder


def test_two_checkouts_contradict_each_other(tmp_path: Path) -> None:
    one, two = space(tmp_path / "one", "docker"), space(tmp_path / "two", "docker")
    assert "two checkouts" in one_line(run_unstick("diagnose", one, two), 2)


CASE = "id: x\nreported:\n  text: It hangs.\n  sdk: {sdk}\n"


def test_two_case_files_contradict_each_other(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.yaml").write_text(CASE.format(sdk="docker"))
    with pytest.raises(UsageError, match="two case files"):
        case_of([str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml")])


@pytest.mark.parametrize(("told", "fails"), [("gradio", True), ("docker", False), ("unknown", False)])
def test_a_case_file_may_not_contradict_the_checkout(tmp_path: Path, told: str, fails: bool) -> None:
    (tmp_path / "case.yaml").write_text(CASE.format(sdk=told))
    targets = [str(tmp_path / "case.yaml"), str(space(tmp_path / "s", "docker"))]
    if fails:
        assert "contradict" in one_line(run_unstick("diagnose", *targets), 2)
    else:
        assert case_of(targets)[0].fact("sdk") == "docker"


def test_several_sources_are_one_case(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("===== Application Startup at 2026-01-02 =====\n\nMemoryError\n")
    (tmp_path / "told").write_text(STORY)
    case, _ = case_of([str(space(tmp_path / "s", "docker")), str(tmp_path / "log"), str(tmp_path / "told")])
    assert case.description == STORY and "MemoryError" in case.run_log and case.fact("sdk") == "docker"


@pytest.mark.parametrize("kind", ["description", "build-log", "container-log"])
def test_the_caller_knows_better_what_a_text_is(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "text"
    path.write_text(STORY)
    case, _ = case_of([str(path)], kind)
    told = {"description": case.description, "build-log": case.build_log, "container-log": case.run_log}
    assert {name for name, text in told.items() if text} == {kind}


def test_a_folder_is_not_what_as_says(tmp_path: Path) -> None:
    assert "is a folder" in one_line(run_unstick("diagnose", tmp_path, "--as", "container-log"), 2)


def test_a_large_log_is_scanned_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "container.log"
    path.write_text("===== Application Startup at 2026-01-02 =====\n" + "INFO: step\n" * 420_000
                    + "torch.cuda.OutOfMemoryError: CUDA out of memory.\n")  # fmt: skip
    case, _ = case_of([str(path)])
    assert case.run_log == ""
    assert any("420002" in item.place and "out of memory" in item.quote for item in case.evidence), (
        case.evidence
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_is_refused_and_never_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "container.log"
    os.mkfifo(pipe)
    with pytest.raises(UnreadableError, match="neither a file nor a folder"):
        recognise(str(pipe))
