"""Repairs proved by rehearsal: on real processes, and on a rehearsal that reads its answer off the files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearse.host_backend import HostBackend
from rehearse.test_rehearsal import served, space
from unstick.errors import UnreadableError
from unstick.rehearse.plan import plan_of
from unstick.rehearse.types import Exit, Line, Options, Rehearsal, Session, Socket
from unstick.repair.packages import suggested
from unstick.repair.verify import Verification, apply, serves, verify
from unstick.space import Edit, Space
from unstick.space.edits import apply_to_text, moved_back, moved_on

OPTIONS = Options(settle=0.2, patience=1.0)


def texts(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}


def test_a_repair_is_verified_by_a_failing_run_and_a_serving_one(tmp_path: Path) -> None:
    folder, _ = space(tmp_path, served(host="127.0.0.1"))
    before = texts(folder)
    found = verify(str(folder), HostBackend(), OPTIONS)
    assert not serves(found.untouched) and found.verified is not None
    assert serves(found.verified.rehearsal) and found.tried[-1].rehearsal == found.verified.rehearsal
    assert '+http.server.HTTPServer(("0.0.0.0"' in found.verified.diff
    assert texts(folder) == before, "the user's folder is not written before it is asked for"
    assert apply(found) == ("app.py",)
    assert serves(verify(str(folder), HostBackend(), OPTIONS).untouched)


def test_two_faults_need_two_repairs(tmp_path: Path) -> None:
    folder, _ = space(tmp_path, served(host="127.0.0.1"))
    readme = (folder / "README.md").read_text()
    (folder / "README.md").write_text(f"# A title\n\n{readme}")
    found = verify(str(folder), HostBackend(), OPTIONS)
    assert found.untouched.stage == "CONFIG_ERROR" and found.verified is not None
    assert {change.path for change in found.verified.fix.changes} == {"README.md", "app.py"}


def test_what_serves_is_not_repaired(tmp_path: Path) -> None:
    folder, _ = space(tmp_path, served())
    found = verify(str(folder), HostBackend(), OPTIONS)
    assert (found.verified, found.tried) == (None, ()) and "nothing to repair" in found.reason


def test_what_no_edit_mends_is_said(tmp_path: Path) -> None:
    folder, _ = space(tmp_path, "raise SystemExit('the tide is out')\n")
    found = verify(str(folder), HostBackend(), OPTIONS)
    assert found.verified is None and found.reason
    with pytest.raises(ValueError, match="no verified repair"):
        apply(found)


class Needs:
    """A rehearsal that reads requirements.txt: it names the first of `asks` that is not in there, and serves
    as soon as `enough` are."""

    def __init__(self, asks: tuple[str, ...], enough: tuple[str, ...]) -> None:
        self.asks, self.enough, self.roots = asks, enough, []

    def __call__(self, root, backend, options, listener) -> Rehearsal:  # type: ignore[no-untyped-def]
        self.roots.append(root)
        opened = Space.open(root)
        have = (opened.text("requirements.txt") or "").split()
        base = Rehearsal("none", plan_of(opened, options), "RUNNING", "", serves=True)
        if all(name in have for name in self.enough):
            return base
        lacks = next((name for name in self.asks if name not in have), "nothing")
        log = (Line(0.1, f"ModuleNotFoundError: No module named '{lacks}'"),)
        return base._replace(
            stage="RUNTIME_ERROR", serves=False, run_log=log, exit=Exit(1), reason="ended, 1"
        )


def gradio(folder: Path, app: str = "import json\n") -> Path:
    (folder / "README.md").write_text("---\ntitle: t\nsdk: gradio\nsdk_version: 5.49.1\n---\n")
    (folder / "requirements.txt").write_text("flask\n")
    (folder / "app.py").write_text(app)
    return folder


def tried(folder: Path, needs: Needs, **given: object) -> Verification:
    return verify(str(folder), None, Options(), rehearse=needs, **given)  # type: ignore[arg-type]


def test_a_repair_that_is_not_needed_is_left_out_again(tmp_path: Path) -> None:
    found = tried(gradio(tmp_path), Needs(("aaa", "bbb", "ccc"), ("bbb", "ccc")))
    assert found.verified is not None
    assert [change.after for change in found.verified.fix.changes] == ["flask\nbbb\nccc\n"]
    assert found.verified.diff.endswith("@@ -1 +1,3 @@\n flask\n+bbb\n+ccc\n")


def test_a_single_edit_that_is_not_needed_is_left_out_again(tmp_path: Path) -> None:
    """Three folders are copied; only the last one has to belong to the user."""
    docker(tmp_path, "FROM python:3.11\nWORKDIR /app\nCOPY a /app/a\nCOPY b /app/b\nCMD python x.py\n")

    def owned(root, backend, options, listener) -> Rehearsal:  # type: ignore[no-untyped-def]
        opened = Space.open(root)
        base = Rehearsal("none", plan_of(opened, options), "RUNNING", "", serves=True)
        if "COPY --chown=1000:1000 b" in (opened.text("Dockerfile") or ""):
            return base
        log = (Line(0.1, "PermissionError: [Errno 13] Permission denied: '/app/b/x'"),)
        return base._replace(stage="RUNTIME_ERROR", serves=False, run_log=log, exit=Exit(1))

    found = verify(str(tmp_path), None, Options(), rehearse=owned)  # type: ignore[arg-type]
    assert found.verified is not None
    (change,) = found.verified.fix.changes
    assert "COPY a" in change.after and "COPY --chown=1000:1000 b" in change.after


def test_so_many_trials_and_no_more(tmp_path: Path) -> None:
    needs = Needs(tuple(f"m{n}x" for n in range(20)), ("never",))
    found = tried(gradio(tmp_path), needs, most=3)
    assert found.verified is None and len(found.tried) == 3 and len(needs.roots) == 4
    assert all(not Path(root).exists() for root in needs.roots[1:]), "copies are removed"


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    found = tried(gradio(tmp_path), Needs(("aaa",), ("aaa",)))
    (tmp_path / "requirements.txt").write_text("mine\n")
    with pytest.raises(UnreadableError, match="changed while"):
        apply(found)


def test_links_are_copied_as_links_and_nothing_outside_is_read(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("secret")
    inside = tmp_path / "space"
    inside.mkdir()
    (gradio(inside) / "link.txt").symlink_to("../outside")
    links = []

    class Looks(Needs):
        def __call__(self, root, backend, options, listener) -> Rehearsal:  # type: ignore[no-untyped-def]
            links.append((Path(root) / "link.txt").is_symlink())
            return super().__call__(root, backend, options, listener)

    assert tried(inside, Looks(("aaa",), ("aaa",))).verified is not None
    assert set(links[1:]) <= {True, (inside / "link.txt").exists() is False}


def test_what_cannot_be_rehearsed_is_not_repaired(tmp_path: Path) -> None:
    class Cannot(Needs):
        def __call__(self, root, backend, options, listener) -> Rehearsal:  # type: ignore[no-untyped-def]
            found = super().__call__(root, backend, options, listener)
            return found._replace(stage="", serves=None, impossible="there is no Python 3.6 here")

    found = tried(gradio(tmp_path), Cannot((), ("never",)))
    assert found.verified is None and "Python 3.6" in found.reason and not found.tried


def observed(folder: Path, **given: object) -> set[str]:
    from unstick.repair.observed import observed as suggestions

    opened = Space.open(str(folder))
    base = Rehearsal("none", plan_of(opened), "RUNTIME_ERROR", "", serves=False)
    return {row.title for row in suggestions(opened, base._replace(**given)) if row.edits}  # type: ignore[arg-type]


def docker(folder: Path, dockerfile: str, readme: str = "") -> Path:
    (folder / "README.md").write_text(f"---\ntitle: t\nsdk: docker\n{readme}---\n")
    (folder / "Dockerfile").write_text(dockerfile)
    return folder


def test_the_port_that_listens_can_be_declared(tmp_path: Path) -> None:
    docker(tmp_path, "FROM python:3.11\nCOPY . .\nCMD python x.py\n")
    listening = (Socket("listen", "0.0.0.0", 8501),)
    assert "declare the port that listens: app_port: 8501" in observed(tmp_path, sockets=listening)
    assert not observed(tmp_path, sockets=(Socket("listen", "0.0.0.0", 7860),))


def test_a_folder_that_refused_is_opened(tmp_path: Path) -> None:
    docker(tmp_path, "FROM python:3.11\nWORKDIR /app\nCOPY . .\nCMD python x.py\n")
    log = (Line(0.1, "PermissionError: [Errno 13] Permission denied: '/var/cards/a.json'"),)
    assert "give /var/cards to uid 1000" in observed(tmp_path, run_log=log)


def test_a_session_that_raises_names_the_package(tmp_path: Path) -> None:
    error = (Session("streamlit", False, "ModuleNotFoundError: No module named 'yaml'"),)
    assert "require pyyaml" in observed(gradio(tmp_path), stage="RUNNING", sessions=error)


def test_a_short_timeout_is_prolonged_only_for_what_is_at_work(tmp_path: Path) -> None:
    docker(tmp_path, "FROM python:3.11\nCMD python x.py\n", "startup_duration_timeout: 20s\n")
    slow = "not healthy after 20 s: nothing listens"
    assert observed(tmp_path, reason=slow) == {"allow 30 minutes to start"}
    assert not observed(tmp_path, reason="nothing listens", early=True)


def test_of_a_conflict_the_side_with_the_block_is_kept(tmp_path: Path) -> None:
    docker(tmp_path, "FROM python:3.11\nCMD python x.py\n")
    block = (tmp_path / "README.md").read_text()
    (tmp_path / "README.md").write_text(f"<<<<<<< HEAD\n# Mine\n=======\n{block}# Yours\n>>>>>>> b\n")
    found = tried(tmp_path, Config())
    assert found.verified is not None
    assert [change.after for change in found.verified.fix.changes] == [f"{block}# Yours\n"]


class Config(Needs):
    """A rehearsal that looks at README.md alone."""

    def __init__(self) -> None:
        super().__init__((), ())

    def __call__(self, root, backend, options, listener) -> Rehearsal:  # type: ignore[no-untyped-def]
        usable = Space.open(root).readme.usable
        found = super().__call__(root, backend, options, listener)
        return found if usable else found._replace(stage="CONFIG_ERROR", serves=None)


@pytest.mark.parametrize(
    ("log", "title"),
    [
        ("ImportError: libGL.so.1: cannot open shared object file: No such file", "install libgl1"),
        ("/bin/sh: 1: ffmpeg: not found", "install ffmpeg"),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'ffmpeg'", "install ffmpeg"),
        ("ModuleNotFoundError: No module named 'cv2'", "require opencv-python"),
        ("ImportError: cannot import name 'HfFolder' from 'huggingface_hub'", "require huggingface_hub<1"),
        ("ERROR: ResolutionImpossible\nThe user requested werkzeug==2.3.8",
         "let the resolver choose the version of werkzeug"),
        ("No solution found when resolving dependencies: because you require werkzeug==2.3.8 and flask==3.1",
         "let the resolver choose the version of werkzeug"),
    ],
)  # fmt: skip
def test_a_log_names_what_lacks(log: str, title: str) -> None:
    files = {
        "README.md": "---\nsdk: gradio\n---\n", "app.py": "import gradio\n",
        "requirements.txt": "flask==3.1\nwerkzeug==2.3.8  # old\n",
    }  # fmt: skip
    rows = list(suggested(Space.from_files(files, complete=True), log))
    assert title in [row.title for row in rows]
    (edit,) = next(row.edits for row in rows if row.title == title)
    after = apply_to_text(files.get(edit.path, ""), [edit])
    assert "flask==3.1\n" in after or edit.path == "packages.txt"


def test_a_module_of_the_space_itself_is_not_fetched() -> None:
    files = {"README.md": "---\nsdk: gradio\n---\n", "app.py": "import plots\n", "src/plots.py": ""}
    log = "ModuleNotFoundError: No module named 'plots'"
    assert not list(suggested(Space.from_files(files, complete=True), log))


@given(st.data(), st.text("ab", min_size=4, max_size=12))
def test_edits_are_moved_back_over_earlier_ones(data: st.DataObject, text: str) -> None:
    """Where edits do not touch what earlier ones wrote, both orders give the same text."""
    ends = st.integers(0, len(text))
    one = Edit("f", *sorted((data.draw(ends), data.draw(ends))), "X" * data.draw(st.integers(0, 3)))
    middle = apply_to_text(text, [one])
    ends = st.integers(0, len(middle))
    other = Edit("f", *sorted((data.draw(ends), data.draw(ends))), "YY")
    back = moved_back([other], [one])
    if back is None or {one.start, one.end} & {back[0].start, back[0].end}:
        return
    assert apply_to_text(apply_to_text(text, back), moved_on([one], back)) == apply_to_text(middle, [other])
