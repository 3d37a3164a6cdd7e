"""What a program writes and reads at run time, worked out from its text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.space import Space
from unstick.space.caches import uses_of
from unstick.space.program import program_of
from unstick.space.reads import reads_of
from unstick.space.writes import writes_of

DOCKERFILE = """FROM python:3.11-slim
WORKDIR /app
COPY . .
ENV OUT_DIR=/srv/out
CMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "7860"]
"""


def space(main: str, **files: str) -> Space:
    texts = {"README.md": "---\nsdk: docker\n---\n", "Dockerfile": DOCKERFILE, "main.py": main}
    named = {(k if "/" in k else k.replace("__", "/")) + ".py": v for k, v in files.items()}
    return Space.from_files({**texts, **named}, complete=True)


PATHS = [
    ('open("a.txt", "w")', "/app/a.txt"),
    ('open("/x/a.txt", mode="ab")', "/x/a.txt"),
    ('import os\nopen(os.path.join("d", "a"), "x")', "/app/d/a"),
    ('import os\nHERE = os.path.dirname(os.path.abspath(__file__))\nos.makedirs(f"{HERE}/d")', "/app/d"),
    ('from pathlib import Path\n(Path(__file__).resolve().parents[1] / "d" / "e").mkdir()', "/d/e"),
    ('from pathlib import Path\nP = Path("d")\n(P / "a.json").write_text("")', "/app/d/a.json"),
    ('from pathlib import Path\nPath.home().joinpath("a").touch()', "/a"),
    ('import os\nopen(os.environ["OUT_DIR"] + "/a", "w")', "/srv/out/a"),
    ('import os\nopen(os.getenv("OTHER", "q") + "/a", "w")', "/app/q/a"),
    ('import os\nD = os.getenv("OTHER") or "q"\nopen(D + "/a", "w")', "/app/q/a"),
    ('import os\nD = "/tmp" if os.getenv("SPACE_ID") else "."\nopen(D + "/a", "w")', "/tmp/a"),
    (
        'import os\nif "SPACE_ID" in os.environ:\n    D = "/tmp"\nelse:\n    D = "."\nopen(D + "/a", "w")',
        "/tmp/a",
    ),
    ('D = "q"\ndef f(folder=D):\n    open(folder + "/a", "w")\nf()', "/app/q/a"),
    ('def f(folder):\n    open(folder + "/a", "w")\nf("z")', "/app/z/a"),
    (
        'class C:\n    def __init__(self, d="q"):\n        self.d = d\n'
        '    def go(self):\n        open(self.d + "/a", "w")\nC(d="k").go()',
        "/app/k/a",
    ),
    ('class Config:\n    BASE = "b"\n    FILE = BASE + "/f"\nopen(Config.FILE, "w")', "/app/b/f"),
    ('import sqlite3\nsqlite3.connect("x.db")', "/app/x.db"),
    ('from sqlalchemy import create_engine\ncreate_engine("sqlite:///./x.db")', "/app/x.db"),
    ('from sqlalchemy import create_engine\ncreate_engine("sqlite:////data/x.db")', "/data/x.db"),
    ('import chromadb\nchromadb.PersistentClient(path="c")', "/app/c"),
    ('import logging\nlogging.FileHandler("x.log")', "/app/x.log"),
    ('import pandas as pd\npd.DataFrame().to_csv("o/x.csv")', "/app/o/x.csv"),
    ('import joblib\njoblib.dump(1, "m.pkl")', "/app/m.pkl"),
    ('import shutil\nshutil.copy("a", "b/c")', "/app/b/c"),
    ('import os\nos.environ["HF_HOME"] = "./cache"', "/app/cache"),
    (
        'from flask import Flask\napp = Flask("x")\n'
        'app.config["UP"] = "u"\nopen(app.config["UP"] + "/a", "w")',
        "/app/u/a",
    ),
]


@pytest.mark.parametrize(("text", "expected"), PATHS)
def test_where_it_writes(text: str, expected: str) -> None:
    assert [w.path for w in writes_of(space(text + "\n"))] == [expected]


FLASK = [
    ('app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///site.db"', ["/app/instance/site.db"]),
    ('app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:////data/site.db"', ["/data/site.db"]),
    ('app.config["SQLALCHEMY_DATABASE_URI"] = "postgresql://h/d"', []),
    ('class Config:\n    SQLALCHEMY_DATABASE_URI = "sqlite:///a.db"', ["/app/instance/a.db"]),
    ('app.config["SESSION_TYPE"] = "filesystem"', ["/app/flask_session"]),
    ('app.config["SESSION_TYPE"] = "redis"', []),
]


@pytest.mark.parametrize(("text", "expected"), FLASK)
def test_what_flask_is_told_to_keep(text: str, expected: list[str]) -> None:
    found = writes_of(space("from flask import Flask\napp = Flask(__name__)\n" + text + "\n"))
    assert [w.path for w in found] == expected


def test_what_an_except_sets_is_a_fallback() -> None:
    text = "try:\n    import x\n    HAS = True\nexcept ImportError:\n    HAS = False\n"
    text += "if HAS:\n    open('a', 'w')\n"
    assert [w.path for w in writes_of(space(text))] == ["/app/a"]


NOTHING = [
    'open("a.txt")',
    'open("a.txt", "r")',
    'import sys\nopen(sys.argv[1], "w")',
    'import os\nopen(os.getenv("NONE"), "w")',
    'import sqlite3\nsqlite3.connect(":memory:")',
    'from sqlalchemy import create_engine\ncreate_engine("postgresql://h/d")',
    'if __name__ == "__main__":\n    open("a", "w")',
    'def never():\n    open("a", "w")',
    'import os\nif os.getenv("RENDER"):\n    open("a", "w")',
    'x.save("PNG")',
    "import json\njson.dump({}, f)",
    "class Broken(:\n",
]


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_no_write_or_cannot_be_told(text: str) -> None:
    assert writes_of(space(text + "\n")) == ()


def test_unknown_parts_keep_the_folder_that_is_known() -> None:
    (found,) = writes_of(space('import time\nopen(f"logs/{time.time()}/run_{1}.txt", "w")\n'))
    assert found.known == "/app/logs"


def test_when_a_write_happens_and_whether_it_is_caught() -> None:
    text = """
from contextlib import asynccontextmanager
from fastapi import FastAPI
from store import keep, quiet

@asynccontextmanager
async def lifespan(app):
    keep()
    yield

app = FastAPI(lifespan=lifespan)
open("now", "w")

@app.get("/")
def root():
    open("later", "w")
    try:
        quiet()
    except Exception:
        pass
    try:
        open("raised", "w")
    except OSError:
        raise
"""
    store = 'def keep():\n    open("start", "w")\ndef quiet():\n    open("quiet", "w")\n'
    found = {w.given: (w.when, w.caught) for w in writes_of(space(text, store=store))}
    assert found == {
        "now": ("import", False),
        "start": ("start", False),
        "later": ("later", False),
        "quiet": ("later", True),
        "raised": ("later", False),
    }


def test_names_of_other_modules_are_followed() -> None:
    found = writes_of(
        space(
            "from core import settings\nfrom core.paths import LOGS as L\nimport core.paths as p\n"
            'open(L, "w")\nopen(p.DATA, "w")\nopen(settings.folder + "/a", "w")\n',
            **{"core/__init__": "from core.config import settings\n"},
            core__paths='LOGS = "logs.txt"\nDATA = "data.txt"\n',
            core__config="from pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n"
            '    folder: str = "f"\nsettings = Settings()\n',
        )
    )
    assert {w.path for w in found} == {"/app/logs.txt", "/app/data.txt", "/app/f/a"}


def test_reads_that_have_to_be_there() -> None:
    text = (
        'import joblib\nimport os\nM = os.path.join("models", "a.pkl")\njoblib.load(M)\n'
        'open("x.csv")\nos.listdir("d")\nopen(f"{M}{1}")\nopen("https://x/y")\n'
    )
    assert [r.path for r in reads_of(space(text))] == [
        "/app/models/a.pkl",
        "/app/x.csv",
        "/app/d",
        "/app/models/a.pkl1",
    ]


CACHES = [
    ("from transformers import pipeline\npipeline('x')", [("huggingface", "/.cache/huggingface")]),
    ("import whisper\nwhisper.load_model('tiny')", [("whisper", "/.cache/whisper")]),
    ("import torch\ntorch.hub.load('a', 'b')\ntorch.load('x.pt')", [("torch", "/.cache/torch")]),
    ("from deepface import DeepFace", [("deepface", "/.deepface")]),
    ("from mine import pipeline\npipeline('x')", []),
    (
        "import os\nos.environ['HF_HOME'] = '/tmp/h'\n"
        "from transformers import AutoModel\nAutoModel.from_pretrained('a/b')",
        [],
    ),
    (
        "from transformers import AutoModel\n"
        "AutoModel.from_pretrained('./m')\nAutoModel.from_pretrained(model_path)",
        [],
    ),
]


@pytest.mark.parametrize(("text", "expected"), CACHES)
def test_caches_in_use(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(u.cache.name, u.folder) for u in uses_of(space(text + "\n"))] == expected


PIECES = st.sampled_from(
    [
        "A = A",
        'A = B + "/x"',
        'B = f"{A}{B}"',
        "def f(a=A): return f(a)",
        'open(f(A), "w")',
        "class C(C): x = C.x",
        "C.x = C().y",
        "import main",
        "from main import A",
        'with open(A, "w") as A: pass',
        "from . import main",
        "A = main.A",
        "x: int = 1",
        "open(*a, **k)",
        '(A := "q")',
        'for A in B: open(A, "a")',
        'lambda: open("l", "w")',
        "try:\n    open(A)\nexcept: pass",
        'A = Path(A) / A / "b"',
        'os.environ["HF_HOME"] = A',
        'match A:\n    case 1: open("m", "w")',
        'async def g():\n    async with x as y: open(y, "w")',
        "self.x = open",
    ]
)


CALLED = [
    ("import hashlib\nhashlib.md5().update(b'')", "later"),
    ("from store import update\nupdate()", "import"),
    ("import store\nstore.update()", "import"),
    ("import store as kept\nkept.update()", "import"),
    ("import store\nsettings = {}\nsettings.update(a=1)", "later"),
]


@pytest.mark.parametrize(("call", "when"), CALLED)
def test_a_call_means_the_function_of_that_module_only(call: str, when: str) -> None:
    text = 'def update():\n    open("a.json", "w")\n\n\ndef later():\n    update()\n'
    (found,) = writes_of(space(f"import store\n{call}\n", store=text))
    assert found.when == when


@given(st.lists(PIECES, max_size=10))
def test_no_program_breaks_it(pieces: list[str]) -> None:
    found = space("\n".join(pieces) + "\n")
    writes_of(found)
    reads_of(found)
    uses_of(found)
    assert program_of(found) is not None


def node(text: str, **files: str) -> Space:
    dockerfile = 'FROM node:20\nWORKDIR /app\nCOPY . .\nCMD ["npm", "start"]\n'
    package = '{"scripts": {"start": "node server.js"}}'
    more = {k.replace("__", "/") + ".js": v for k, v in files.items()}
    return Space.from_files(
        {
            "README.md": "---\nsdk: docker\n---\n",
            "Dockerfile": dockerfile,
            "package.json": package,
            "server.js": text,
            **more,
        },
        complete=True,
    )


NODE = [
    ('fs.writeFileSync("a.json", "{}")', ["/app/a.json"]),
    ("const D = path.join(__dirname, 'data');\nfs.mkdirSync(D, { recursive: true });", ["/app/data"]),
    (
        "const F = path.resolve(process.cwd(), 'x', `y.json`);\nfs.appendFile(F, 'a', () => {});",
        ["/app/x/y.json"],
    ),
    ("const D = process.env.DATA || './d';\nfs.mkdirSync(D);", ["/app/d"]),
    ("fs.copyFileSync(src, 'b/c');", ["/app/b/c"]),
    ("const db = new Database('app.db');", ["/app/app.db"]),
    ("const up = multer({ dest: 'uploads/' });", ["/app/uploads"]),
    ("fs.writeFileSync(name, x); fs.mkdirSync(os.tmpdir());", ["/tmp"]),
    ('fs.writeFileSync("a', []),
]


@pytest.mark.parametrize(("text", "expected"), NODE)
def test_what_a_node_program_writes(text: str, expected: list[str]) -> None:
    assert [w.path for w in writes_of(node(text + "\n"))] == expected


def test_the_sqlite_file_of_prisma() -> None:
    schema = 'datasource db {\n  provider = "sqlite"\n  url = "file:./dev.db"\n}\n'
    found = node("console.log(1);\n")
    files = {n: found.text(n) or "" for n in found.tree.names()}
    with_schema = Space.from_files({**files, "prisma/schema.prisma": schema}, complete=True)
    assert [(w.path, w.kind, w.place.line) for w in writes_of(with_schema)] == [
        ("/app/prisma/dev.db", "database", 3)
    ]


def test_relative_imports_of_node_are_followed() -> None:
    found = writes_of(
        node('require("./lib/a");\n', lib__a='import b from "./b.js";\n', lib__b='fs.mkdirSync("k");\n')
    )
    assert [(w.place.path, w.path) for w in found] == [("lib/b.js", "/app/k")]


@given(st.text(alphabet="constfsmkdirSync(){}[]'\"`$,;=\n./|&?:", max_size=200))
def test_no_javascript_breaks_it(text: str) -> None:
    writes_of(node("fs.mkdirSync(" + text + "\nconst a = " + text))
