"""Workflows that push to the Hub, and Git LFS patterns."""

from __future__ import annotations

import pytest

from unstick.space import Space
from unstick.space.pushes import LfsPatterns, pushes_of, sent_files

HEAD = "jobs:\n  sync:\n    steps:\n      - uses: actions/checkout@v4\n"
KINDS = [
    ("an address", "      - run: git push https://u:$T@huggingface.co/spaces/u/a main\n", "git"),
    (
        "a remote",
        "      - run: |\n          git remote add hf https://u:${{ secrets.T }}@huggingface.co/spaces/u/a\n"
        "          git push hf main\n",
        "git",
    ),
    (
        "a subtree",
        "      - run: git subtree push --prefix app https://huggingface.co/spaces/u/a main\n",
        "git",
    ),
    ("the client", "      - run: hf upload u/a . --repo-type space # huggingface.co\n", "client"),
    ("an action", "      - uses: huggingface/hub-sync@v1\n", "client"),
    (
        "python",
        "      - run: python -c 'from huggingface_hub import HfApi; HfApi().upload_folder()'\n",
        "client",
    ),
    ("elsewhere", "      - run: git push https://github.com/u/a main # not huggingface.co\n", ""),
    (
        "a comment",
        "      # run: git push https://huggingface.co/spaces/u/a main\n      - run: echo huggingface.co\n",
        "",
    ),
]


@pytest.mark.parametrize(("steps", "method"), [k[1:] for k in KINDS], ids=[k[0] for k in KINDS])
def test_how_a_workflow_pushes(steps: str, method: str) -> None:
    found = pushes_of(Space.from_files({".github/workflows/a.yml": HEAD + steps}, complete=True))
    assert [p.method for p in found] == ([method] if method else [])


def test_what_a_workflow_does_to_the_tree() -> None:
    steps = """      - run: |
          rm -rf .git docs
          git init
          git lfs track "*.png" '*.mp4'
          echo "*.ico filter=lfs diff=lfs merge=lfs -text" >> .gitattributes
          git lfs migrate import --include="*.pkl,*.bin" --yes
          git push --force https://huggingface.co/spaces/u/a main
"""
    (push,) = pushes_of(Space.from_files({".github/workflows/a.yml": HEAD + steps}, complete=True))
    assert push.fresh and push.place.line == 11
    assert {"*.png", "*.mp4", "*.ico", "*.pkl", "*.bin"} <= set(push.tracked)
    assert "docs" in push.removed and not push.fetches_lfs


def test_patterns_of_git_lfs() -> None:
    patterns = LfsPatterns(
        Space.from_files(
            {
                ".gitattributes": "*.png filter=lfs -text\nbig/** filter=lfs\n"
                "keep.png -filter\n# *.md filter=lfs\n",
                "sub/.gitattributes": "*.csv filter=lfs\n",
            },
            complete=True,
        )
    )
    covered = [
        p for p in ("a/b.png", "big/x/y", "keep.png", "r.md", "a.csv", "sub/a.csv") if patterns.covers(p)
    ]
    assert covered == ["a/b.png", "big/x/y", "sub/a.csv"]


def test_files_named_one_by_one() -> None:
    def sent(body: str) -> tuple[str, ...]:
        text = f"{HEAD}      - run: |\n          from huggingface_hub import HfApi\n          {body}\n"
        space = Space.from_files(
            {".github/workflows/a.yml": text, "app.py": "", "lib/x.py": ""}, complete=True
        )
        return sent_files(space, pushes_of(space)[0])

    assert sent('for n in ["app.py", "lib", "gone.py"]: api.upload_file(n)') == ("app.py", "lib")
    assert sent('api.upload_folder(folder_path=".", ignore_patterns=["app.py"])') == ()
