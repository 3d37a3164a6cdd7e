"""Which tree a workflow pushes."""

from __future__ import annotations

import pytest

from unstick.rules import check
from unstick.space import Space
from unstick.space.pushed import judged, pushed

BLOCK = "---\ntitle: x\nsdk: docker\n---\n"
HEAD = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
REMOTE = "https://u:$HF_TOKEN@huggingface.co/spaces/o/n"


def space(step: str, **files: str) -> Space:
    base = {
        "README.md": "# Project\n",
        "backend/app.py": "",
        "backend/Dockerfile": "FROM x",
        "docs/README.md": BLOCK,
    }
    return Space.from_files({**base, **files, ".github/workflows/sync.yml": HEAD + step}, complete=True)


def run(*lines: str) -> str:
    return "      - run: |\n" + "".join(f"          {line}\n" for line in lines)


@pytest.mark.parametrize(
    ("step", "root", "readme"),
    [
        (run(f"git subtree push --prefix backend {REMOTE} main"), "backend", ""),
        (run(f"git push {REMOTE} `git subtree split --prefix=backend main`:main"), "backend", ""),
        (run("hf upload o/n backend . --repo-type space"), "backend", ""),
        (run("huggingface-cli upload o/n ./backend/ . --repo-type=space"), "backend", ""),
        (
            run("from huggingface_hub import HfApi", "api.upload_folder(", "    folder_path='backend',", ")"),
            "backend",
            "",
        ),
        (
            "      - uses: huggingface/hub-sync@v1\n        with:\n          subdirectory: backend\n",
            "backend",
            "",
        ),
        (
            run(
                "git clone https://huggingface.co/spaces/o/n hf",
                "rsync -av backend/ hf/",
                "cd hf",
                "git push",
            ),
            "backend",
            "",
        ),
        (run("cd backend", "git init", f"git push --force {REMOTE} main"), "backend", ""),
        (run("cp docs/README.md README.md", f"git push {REMOTE} HEAD:main"), "", "docs/README.md"),
        (run("cat header.yml README.md > tmp && mv tmp README.md", f"git push {REMOTE} HEAD:main"), "", None),
        (run("cat <<EOF > README.md", "---", "EOF", f"git push {REMOTE} HEAD:main"), "", None),
    ],
)
def test_a_folder_or_another_readme(step: str, root: str, readme: str | None) -> None:
    found = pushed(space(step))
    assert found is not None and (found.root, found.readme) == (root, readme)
    assert found.place.path == ".github/workflows/sync.yml" and found.place.line > 5
    assert found.note.startswith("checked is what .github/workflows/sync.yml:")


@pytest.mark.parametrize(
    "step",
    [
        run(f"git push --force {REMOTE} main"),
        run("hf upload o/n . . --repo-type space"),
        run("from huggingface_hub import HfApi", "api.upload_folder(folder_path='.')"),
        run("git subtree push --prefix backend https://github.com/o/n main"),
        run("hf upload o/n nowhere . --repo-type space"),
        run("cd backend", "pytest") + run(f"git push {REMOTE} main"),
        run("npm test"),
    ],
)
def test_the_repository_as_it_is(step: str) -> None:
    assert pushed(space(step)) is None
    assert judged(space(step))[1] is None


def test_a_repository_with_a_block_of_its_own_is_the_space() -> None:
    step = run("hf upload o/n backend . --repo-type space")
    assert pushed(space(step, **{"README.md": BLOCK})) is None


def test_several_folders_put_together_cannot_be_told() -> None:
    step = run(
        "git clone https://huggingface.co/spaces/o/n hf",
        "rsync -a backend/ hf/",
        "rsync -a docs/ hf/",
        "cd hf",
        "git push",
    )
    assert pushed(space(step)) is None


def test_findings_stand_at_the_paths_of_the_repository() -> None:
    step = run("hf upload o/n backend . --repo-type space")
    found = check(space(step), select=["readme-missing"])
    assert [(f.rule, f.place.path, f.edits[0].path) for f in found] == [
        ("readme-missing", "backend/README.md", "backend/README.md")
    ]
    bad = {"backend/README.md": BLOCK.replace("docker", "docker\ncolorTo: cyan")}
    assert [(f.rule, f.place.path) for f in check(space(step, **bad), select=["C1"])] == [
        ("bad-color", "backend/README.md")
    ]


def test_another_readme_is_judged_where_it_stands_and_a_written_one_not_at_all() -> None:
    copied = run("cp docs/README.md README.md", f"git push {REMOTE} HEAD:main")
    bad = {"docs/README.md": BLOCK.replace("docker", "docker\ncolorTo: cyan")}
    assert [f.place.path for f in check(space(copied, **bad), select=["C1"])] == ["docs/README.md"]
    written = run("cat x > README.md", f"git push {REMOTE} HEAD:main")
    assert check(space(written), select=["C1"]) == ()


def test_the_pushed_tree_holds_the_folders_files_only() -> None:
    tree = judged(space(run("hf upload o/n backend . --repo-type space")))[0].tree
    assert tree.names() == ("Dockerfile", "app.py") and tree.read_text("Dockerfile") == "FROM x"
    assert tree.complete and tree.absent("README.md") and not tree.exists("../README.md")


ASSEMBLED = (
    "mkdir -p /tmp/hf",
    "cp backend/app.py docs/README.md /tmp/hf/",
    "cp -r assets /tmp/hf/",
    "cp conf/prod.toml /tmp/hf/settings.toml",
    "hf upload o/n /tmp/hf . --repo-type space",
)


def assembled(*lines: str) -> Space:
    return space(run(*lines), **{"assets/a/b.css": "x", "conf/prod.toml": "y"})


def test_files_copied_one_by_one() -> None:
    other, what = judged(assembled(*ASSEMBLED))
    assert what is not None and what.note.endswith("4 files that it copies, with docs/README.md as README.md")
    assert other.tree.names() == ("README.md", "app.py", "assets/a/b.css", "settings.toml")
    assert other.tree.is_folder("assets/a") and other.tree.read_text("settings.toml") == "y"
    assert [(f.rule, f.place.path) for f in check(assembled(*ASSEMBLED), select=["dockerfile-missing"])] == [
        ("dockerfile-missing", "docs/README.md")
    ]


@pytest.mark.parametrize(
    "line",
    ["cp -r $SOURCES /tmp/hf/", "cp *.py /tmp/hf/", "rsync -a --exclude x ./ /tmp/hf/", 'cp "a /tmp/hf/'],
)
def test_what_else_fills_the_folder_cannot_be_told(line: str) -> None:
    assert judged(assembled(*ASSEMBLED[:-1], line, ASSEMBLED[-1]))[1] is None


def test_a_workflow_for_a_model_does_not_count_beside_one_for_the_space() -> None:
    model = HEAD + run("git clone https://huggingface.co/o/model m", "cd m", "git push")
    both = space(run("hf upload o/n backend . --repo-type space"), **{".github/workflows/a.yml": model})
    found = pushed(both)
    assert found is not None and found.root == "backend"
