# ruff: noqa: E501
"""Python code that starts servers, read and not run."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.space import Space
from unstick.space.launch import Launch, launch_of

ALL = "0.0.0.0"
LOCAL = "127.0.0.1"


def run(code: str, env: str = "", arguments: str = "", **files: str) -> Launch:
    """The launch of `python app.py` in a Docker Space."""
    named = {
        name.replace("___", "/").replace("__", "."): textwrap.dedent(text) for name, text in files.items()
    }
    dockerfile = f"FROM python:3.12\nWORKDIR /app\n{env}COPY . .\nCMD python app.py {arguments}\n"
    files = {
        "README.md": "---\nsdk: docker\n---\n",
        "Dockerfile": dockerfile,
        "app.py": textwrap.dedent(code),
    }
    return launch_of(Space.from_files({**files, **named}, complete=True))


def one(launch: Launch) -> tuple[str, int | None, str | None]:
    """Kind, port and host of the only server."""
    assert len(launch.servers) == 1, (launch.servers, launch.cannot_tell)
    server = launch.servers[0]
    return server.kind, server.port, server.host


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import uvicorn\nuvicorn.run('a:b')", ("uvicorn", 8000, LOCAL)),
        ("import uvicorn as u\nu.run('a:b', host='0.0.0.0', port=int('7860'))", ("uvicorn", 7860, ALL)),
        ("from uvicorn import run\nrun(app='a:b', port=7860)", ("uvicorn", 7860, LOCAL)),
        (
            "from uvicorn import Config, Server\nServer(Config('a:b', port=7860, host='0.0.0.0')).run()",
            ("uvicorn", 7860, ALL),
        ),
        ("from flask import Flask\napp = Flask(__name__)\napp.run()", ("flask", 5000, LOCAL)),
        ("import flask\nflask.Flask('x').run('0.0.0.0', 7860)", ("flask", 7860, ALL)),
        ("import gradio as gr\ngr.Interface(f, 'text', 'text').launch()", ("gradio", 7860, LOCAL)),
        (
            "import gradio as gr\nwith gr.Blocks() as d:\n  pass\nd.queue(4).launch(server_name='0.0.0.0')",
            ("gradio", 7860, ALL),
        ),
        (
            "import gradio as gr\nk = dict(server_port=7861)\nk['server_name'] = '0.0.0.0'\ngr.Blocks().launch(**k)",
            ("gradio", 7861, ALL),
        ),
        ("import dash\napp = dash.Dash()\napp.run_server(host='0.0.0.0')", ("dash", 8050, ALL)),
        ("from nicegui import ui\nui.run(port=7860)", ("nicegui", 7860, "")),
        ("from waitress import serve\nserve(app, host='0.0.0.0', port=7860)", ("waitress", 7860, ALL)),
        ("from waitress import serve\nserve(app, listen='*:7860')", ("waitress", 7860, "")),
        ("from aiohttp import web\nweb.run_app(web.Application(), port=7860)", ("aiohttp", 7860, "")),
        (
            "from http.server import HTTPServer\nHTTPServer(('', 7860), H).serve_forever()",
            ("http.server", 7860, ""),
        ),
        (
            "import socketserver\nwith socketserver.TCPServer(('127.0.0.1', 7860), H) as s:\n  s.serve_forever()",
            ("http.server", 7860, LOCAL),
        ),
        (
            "from gevent.pywsgi import WSGIServer\nWSGIServer(('0.0.0.0', 7860), a).serve_forever()",
            ("gevent", 7860, ALL),
        ),
        (
            "from fastmcp import FastMCP\nm = FastMCP('x')\nm.run(transport='http', host='0.0.0.0', port=7860)",
            ("mcp", 7860, ALL),
        ),
        ("import panel as pn\npn.serve(a, port=7860, address='0.0.0.0')", ("panel", 7860, ALL)),
        ("from bottle import run\nrun(host='0.0.0.0', port=7860)", ("bottle", 7860, ALL)),
        (
            "from flask_socketio import SocketIO\ns = SocketIO(app)\ns.run(app, host='0.0.0.0', port=7860)",
            ("flask", 7860, ALL),
        ),
        (
            "import subprocess\nsubprocess.run(['streamlit', 'run', 'a.py', '--server.port', '7860'])",
            ("streamlit", 7860, ""),
        ),
        ("import os\nos.system('uvicorn a:b --host 0.0.0.0 --port 7860')", ("uvicorn", 7860, ALL)),
        (
            "import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'uvicorn', 'a:b', '--port', '7860'])",
            ("uvicorn", 7860, LOCAL),
        ),
        (
            "import os\nos.execvp('gunicorn', ['gunicorn', '-b', '0.0.0.0:7860', 'a:b'])",
            ("gunicorn", 7860, ALL),
        ),
        (
            "import sys\nfrom streamlit.web import cli\nsys.argv = ['streamlit', 'run', 'a.py', '--server.port=7860']\nsys.exit(cli.main())",
            ("streamlit", 7860, ""),
        ),
        (
            "from hypercorn.config import Config\nfrom hypercorn.asyncio import serve\nimport asyncio\nc = Config()\nc.bind = ['0.0.0.0:7860']\nasyncio.run(serve(app, c))",
            ("hypercorn", 7860, ALL),
        ),
    ],
)
def test_servers(code: str, expected: tuple[str, int, str]) -> None:
    launch = run(code)
    assert one(launch) == expected
    assert launch.cannot_tell == ()


FLASK = "from flask import Flask\napp = Flask(__name__)\n"


@pytest.mark.parametrize(
    ("value", "env", "port", "known"),
    [
        ("7860", "", 7860, "literal"),
        ("int(os.environ.get('PORT', 7860))", "", 7860, "env-default"),
        ("int(os.getenv('PORT', '7860'))", "ENV PORT=8080\n", 8080, "literal"),
        ("int(os.getenv(key='PORT', default='7860'))", "", 7860, "env-default"),
        ("int(os.environ.get('PORT') or 7860)", "", 7860, "env-default"),
        ("os.environ['PORT']", "ENV PORT 7860\n", 7860, "literal"),
        ("7860 if os.getenv('SPACE_ID') else 5000", "", 7860, "literal"),
        ("5000 if os.environ.get('DEV') == '1' else 7860", "", 7860, "literal"),
        ("5000 if 'DEV' in os.environ else 7860", "", 7860, "literal"),
        ("DEFAULT + 60", "", 7860, "literal"),
        ("CONFIG['port']", "", 7860, "literal"),
        ("Settings.PORT", "", 7860, "literal"),
        ("settings.port", "", 7860, "literal"),
        ("pick()", "", 7860, "literal"),
        ("(lambda: 7860)()", "", 7860, "literal"),
    ],
)
def test_values(value: str, env: str, port: int, known: str) -> None:
    code = f"""
import os
DEFAULT = 7800
CONFIG = {{"port": 7860, **{{}}}}
class Settings:
    PORT = 7860
    def __init__(self, port=1):
        self.port = port
settings = Settings(port=7860)
def pick(a=7860):
    if a:
        return a
    return 1
{FLASK}
if __name__ == '__main__':
    app.run(host='0.0.0.0', port={value})
"""
    launch = run(code, env)
    assert one(launch) == ("flask", port, ALL)
    assert launch.servers[0].port_known == known


def test_places_are_those_of_the_value() -> None:
    code = FLASK + "PORT = 8000\napp.run('0.0.0.0', PORT)\n"
    value = run(code).servers[0].port_value
    assert value.exact and code[value.place.start : value.place.end] == "8000"
    code = FLASK + "import os\nH = os.getenv('HOST', '127.0.0.1')\napp.run(H)\n"
    value = run(code).servers[0].host_value
    assert (
        value.exact and code[value.place.start : value.place.end] == "127.0.0.1" and value.variable == "HOST"
    )


def test_modules_and_packages() -> None:
    launch = run(
        "from src.core.config import settings\nfrom src import web\nweb.main()\n",
        src______init____py="",
        src___web__py="""
            from .core import config
            import uvicorn
            def main():
                uvicorn.run("a:b", host=config.HOST, port=config.settings.port)
            """,
        src___core______init____py="",
        src___core___config__py="""
            from pydantic_settings import BaseSettings
            from pydantic import Field
            HOST = "0.0.0.0"
            class Base(BaseSettings):
                port: int = Field(7860, env="PORT")
            class Settings(Base):
                debug: bool = False
            settings = Settings()
            """,
    )
    assert one(launch) == ("uvicorn", 7860, ALL)
    assert launch.servers[0].place.path == "src/web.py"


def test_settings_are_beaten_by_the_environment() -> None:
    code = """
from pydantic_settings import BaseSettings, SettingsConfigDict
import uvicorn
class S(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="APP_")
    port: int = 8000
uvicorn.run("a:b", port=S().port, host="0.0.0.0")
"""
    assert one(run(code)) == ("uvicorn", 8000, ALL)
    assert one(run(code, "ENV APP_PORT=7860\n")) == ("uvicorn", 7860, ALL)


def test_command_lines() -> None:
    code = """
import argparse, uvicorn
def main():
    p = argparse.ArgumentParser()
    g = p.add_argument_group("x")
    p.add_argument("--port", "-p", type=int, default=7860)
    p.add_argument("--host", default="127.0.0.1")
    p.add_argument("--listen", action="store_true")
    args = p.parse_args()
    uvicorn.run("a:b", host="0.0.0.0" if args.listen else args.host, port=args.port)
if __name__ == "__main__":
    main()
"""
    assert one(run(code)) == ("uvicorn", 7860, LOCAL)
    assert one(run(code, arguments="--listen -p 8000")) == ("uvicorn", 8000, ALL)
    assert one(run(code, arguments="--host=0.0.0.0")) == ("uvicorn", 7860, ALL)
    click = """
import click, uvicorn
@click.command()
@click.option("--port", default=7860)
def main(port):
    uvicorn.run("a:b", port=port)
main()
"""
    assert one(run(click)) == ("uvicorn", 7860, LOCAL)
    typer = """
import typer, uvicorn
app = typer.Typer()
@app.command()
def main(port: int = typer.Option(7860)):
    uvicorn.run("a:b", port=port)
app()
"""
    assert one(run(typer)) == ("uvicorn", 7860, LOCAL)


def test_what_a_guard_hides_and_what_is_reached() -> None:
    files = {"api__py": FLASK + "if __name__ == '__main__':\n    app.run(port=1)\n"}
    assert (
        run("import api\nfrom waitress import serve\nserve(api.app, port=7860)\n", **files).servers[0].port
        == 7860
    )
    code = """
import threading, uvicorn
from flask import Flask
app = Flask(__name__)
def helper():
    app.run(port=5001)
def never():
    app.run(port=1)
class Runner:
    def go(self):
        self._serve()
    def _serve(self):
        uvicorn.run("a:b", port=7860)
threading.Thread(target=helper, daemon=True).start()
try:
    Runner().go()
except Exception:
    raise
finally:
    pass
"""
    assert [(s.port, s.background) for s in run(code).servers] == [(5001, True), (7860, False)]


def test_environment_set_in_the_program() -> None:
    code = (
        "import os\nos.environ['GRADIO_SERVER_NAME'] = '0.0.0.0'\nimport gradio as gr\ngr.Blocks().launch()\n"
    )
    assert one(run(code)) == ("gradio", 7860, ALL)
    code = "import os\nfrom dotenv import load_dotenv\nload_dotenv()\nimport uvicorn\nuvicorn.run('a:b', port=int(os.environ['P']))\n"
    assert one(run(code, __env="P=7860\n")) == ("uvicorn", 7860, LOCAL)


def test_unknown_values_are_unknown() -> None:
    for port in ("read()", "int(input())", "random.choice(PORTS)", "args.port", "a + 1"):
        launch = run(FLASK + f"app.run('0.0.0.0', {port})\n")
        assert launch.servers[0].port is None
    launch = run(FLASK + "import x\nport = 1\nif x.y():\n    port = 2\napp.run('0.0.0.0', port)\n")
    assert launch.servers[0].port is None
    maybe = run(FLASK + "import x\nif x.y():\n    app.run(port=1)\nelse:\n    app.run(port=2)\n")
    assert [(s.port, s.certain) for s in maybe.servers] == [(1, False), (2, False)]


def test_flags() -> None:
    launch = run(FLASK + "import os\napp.run(debug=True)\n")
    assert [(f.name, f.place.line) for f in launch.flags] == [("debug", 4)]
    assert run(FLASK + "import os\napp.run(debug=os.getenv('D') == '1')\n").flags == ()
    assert [f.name for f in run("import gradio as gr\ngr.Blocks().launch(share=True)\n").flags] == ["share"]


def test_gradio_sdk_has_its_variables() -> None:
    readme = "---\nsdk: gradio\napp_file: app.py\n---\n"
    launch = launch_of(
        Space.from_files({"README.md": readme, "app.py": "import gradio as gr\ngr.Blocks().launch()\n"})
    )
    assert (launch.port, one(launch)) == (7860, ("gradio", 7860, ALL))


def test_hostile_code_ends() -> None:
    for code in (
        "def f(): f()\nf()\n",
        "\n".join(f"def f{i}():\n    f{i + 1}(); f{i + 1}()" for i in range(60))
        + "\ndef f60(): pass\nf0()\n",
        "x = x\ny = [y for y in y]\nclass A(A): pass\nA().b\n",
        "a = " + "-" * 3000 + "1\n",
        "import app\nfrom app import *\n",
        "while True:\n    pass\n",
        "x = [1" + ", 1" * 5000 + "]\n",
        "".join(f"if a{i}:\n    b = {i}\n" for i in range(400)),
    ):
        assert run(code).servers == ()


@given(st.text(st.sampled_from("abf()=:\n 1'\"[]{}.,*+if else def import for")))
def test_any_code_can_be_followed(code: str) -> None:
    run(FLASK + code + "\napp.run(port=7860)\n")
