# ruff: noqa: E501
"""Start commands of Dockerfiles, and where the servers they start listen."""

from __future__ import annotations

import pytest

from unstick.space import Space
from unstick.space.launch import Launch, launch_of

PYTHON = "FROM python:3.12\nWORKDIR /app\nCOPY . .\n"
NODE = "FROM node:22\nWORKDIR /app\nCOPY . .\n"


def follow(dockerfile: str, **files: str) -> Launch:
    """The launch of a Docker Space with these files; `__` in a name stands for a dot, `___` for a slash."""
    named = {name.replace("___", "/").replace("__", "."): text for name, text in files.items()}
    readme = "---\nsdk: docker\n---\n"
    return launch_of(
        Space.from_files({"README.md": readme, "Dockerfile": dockerfile, **named}, complete=True)
    )


def servers(launch: Launch) -> list[tuple[str, int | None, str | None]]:
    """Kind, port and host of each server."""
    return [(s.kind, s.port, s.host) for s in launch.servers]


ALL = "0.0.0.0"
LOCAL = "127.0.0.1"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ('["uvicorn", "a:b"]', ("uvicorn", 8000, LOCAL)),
        ("uvicorn a:b --host=0.0.0.0 --port=7860 --workers 2", ("uvicorn", 7860, ALL)),
        ("exec uvicorn a:b --host 0.0.0.0 --port ${PORT:-7860}", ("uvicorn", 7860, ALL)),
        ("UVICORN_PORT=7860 uvicorn a:b --host ::", ("uvicorn", 7860, "::")),
        ('["sh", "-c", "uvicorn a:b --host 0.0.0.0 --port ${PORT:-7860}"]', ("uvicorn", 7860, ALL)),
        ('["/bin/bash", "-lc", "exec uvicorn a:b --port 7860"]', ("uvicorn", 7860, LOCAL)),
        ("python -m uvicorn a:b --host 0.0.0.0 --port 7860", ("uvicorn", 7860, ALL)),
        ("python3 -u -X dev -m uvicorn a:b --port 7860 --host 0.0.0.0", ("uvicorn", 7860, ALL)),
        ("gunicorn a:b", ("gunicorn", 8000, LOCAL)),
        ("gunicorn -w 4 -k uvicorn.workers.UvicornWorker -b 0.0.0.0:7860 a:b", ("gunicorn", 7860, ALL)),
        ("gunicorn --bind=:7860 a:b", ("gunicorn", 7860, "")),
        ("gunicorn --bind '[::]:7860' a:b", ("gunicorn", 7860, "[::]")),
        ("PORT=7860 gunicorn a:b", ("gunicorn", 7860, "")),
        ("hypercorn a:b --bind 0.0.0.0:7860", ("hypercorn", 7860, ALL)),
        ("granian --interface asgi a:b --host 0.0.0.0 --port 7860", ("granian", 7860, ALL)),
        ("daphne -b 0.0.0.0 -p 7860 a:b", ("daphne", 7860, ALL)),
        ("waitress-serve --listen=*:7860 a:b", ("waitress", 7860, "*")),
        ("flask run", ("flask", 5000, LOCAL)),
        ("flask --app a run --host=0.0.0.0 -p 7860", ("flask", 7860, ALL)),
        ("streamlit run app.py", ("streamlit", 8501, "")),
        (
            "python -m streamlit run app.py --server.port 7860 --server.address=0.0.0.0",
            ("streamlit", 7860, ALL),
        ),
        ("fastapi run app.py --port 7860", ("fastapi", 7860, "")),
        ("fastapi dev app.py", ("fastapi", 8000, LOCAL)),
        ("panel serve app.py --port 7860 --address 0.0.0.0", ("panel", 7860, ALL)),
        ("bokeh serve app.py", ("bokeh", 5006, "")),
        ("shiny run app.py --host 0.0.0.0 --port 7860", ("shiny", 7860, ALL)),
        ("voila a.ipynb --port=7860 --Voila.ip=0.0.0.0", ("voila", 7860, ALL)),
        ("jupyter lab --ip=0.0.0.0 --port=7860 --no-browser", ("jupyter", 7860, ALL)),
        ("marimo run a.py --host 0.0.0.0 -p 7860", ("marimo", 7860, ALL)),
        ("chainlit run app.py -h --host 0.0.0.0 --port 7860", ("chainlit", 7860, ALL)),
        ("solara run a.py", ("solara", 8765, "localhost")),
        ("mlflow server --host 0.0.0.0 --port 7860", ("mlflow", 7860, ALL)),
        ("python manage.py runserver 0.0.0.0:7860", ("django", 7860, ALL)),
        ("python manage.py runserver", ("django", 8000, LOCAL)),
        ("python -m http.server 7860", ("http.server", 7860, "")),
        ("python -m http.server 7860 --bind 127.0.0.1", ("http.server", 7860, LOCAL)),
        ("ollama serve", ("ollama", 11434, LOCAL)),
        ("OLLAMA_HOST=0.0.0.0:7860 ollama serve", ("ollama", 7860, ALL)),
        ("OLLAMA_HOST=0.0.0.0 ollama serve", ("ollama", 11434, ALL)),
        ("java -jar app.jar", ("spring", 8080, "")),
        ("java -Dserver.port=7860 -jar app.jar", ("spring", 7860, "")),
        ("java -jar app.jar --server.port=${PORT:-7860}", ("spring", 7860, "")),
        ("vllm serve some/model --port 7860", ("vllm", 7860, "")),
        ("next start -p 7860 -H 0.0.0.0", ("next", 7860, ALL)),
        ("npx next start", ("next", 3000, "")),
        ("npx vite --host --port 7860", ("vite", 7860, "")),
        ("vite preview", ("vite", 4173, "localhost")),
        ("npx serve -s build -l 7860", ("serve", 7860, "")),
        ("npx http-server dist -p 7860", ("http-server", 7860, "")),
        ("php -S 0.0.0.0:7860 -t public", ("php", 7860, ALL)),
        ("php artisan serve --host=0.0.0.0 --port=7860", ("laravel", 7860, ALL)),
        ("bundle exec rails server -b 0.0.0.0 -p 7860", ("rails", 7860, ALL)),
        ("llama-server -m m.gguf --host 0.0.0.0 --port 7860", ("llama-server", 7860, ALL)),
        ("uv run --no-dev uvicorn a:b --host 0.0.0.0 --port 7860", ("uvicorn", 7860, ALL)),
        ("uv run --directory src -- uvicorn a:b --port 7860", ("uvicorn", 7860, LOCAL)),
        ("poetry run gunicorn -b 0.0.0.0:7860 a:b", ("gunicorn", 7860, ALL)),
        ("conda run --no-capture-output -n env uvicorn a:b --port 7860", ("uvicorn", 7860, LOCAL)),
        ("xvfb-run -a --server-args='-screen 0 1x1x24' uvicorn a:b --port 7860", ("uvicorn", 7860, LOCAL)),
        ("tini -s -- gosu user uvicorn a:b --port 7860", ("uvicorn", 7860, LOCAL)),
        ("su user -c 'uvicorn a:b --port 7860'", ("uvicorn", 7860, LOCAL)),
        ("env A=1 PORT=7860 gunicorn a:b", ("gunicorn", 7860, "")),
        ("nohup nice -n 5 timeout 5h uvicorn a:b --port 7860", ("uvicorn", 7860, LOCAL)),
        ("cd /app && mkdir -p x && uvicorn a:b --port 7860", ("uvicorn", 7860, LOCAL)),
        ("dotnet app.dll --urls http://0.0.0.0:7860", ("dotnet", 7860, ALL)),
        ("Rscript -e \"shiny::runApp('/app', host='0.0.0.0', port=7860)\"", ("shiny", 7860, ALL)),
        ("datasette serve a.db -h 0.0.0.0 -p 7860", ("datasette", 7860, ALL)),
    ],
)
def test_a_command(command: str, expected: tuple[str, int, str]) -> None:
    launch = follow(f"{PYTHON}CMD {command}\n")
    assert servers(launch) == [expected]
    assert launch.cannot_tell == ()


def test_entrypoint_and_cmd_are_joined() -> None:
    text = 'ENTRYPOINT ["uvicorn", "a:b"]\nCMD ["--host", "0.0.0.0", "--port", "7860"]\n'
    assert servers(follow(PYTHON + text)) == [("uvicorn", 7860, ALL)]
    text = 'ENTRYPOINT ["./entry.sh"]\nCMD ["gunicorn", "-b", "0.0.0.0:7860", "a:b"]\n'
    assert servers(follow(PYTHON + text, entry__sh='#!/bin/sh\nset -e\nexec "$@"\n')) == [
        ("gunicorn", 7860, ALL)
    ]
    parent = 'FROM python:3.12 AS a\nCMD uvicorn a:b --port 1\nFROM a\nENTRYPOINT ["uvicorn", "c:d"]\n'
    assert servers(follow(parent)) == [("uvicorn", 8000, LOCAL)]


def test_env_arg_and_scripts() -> None:
    text = "FROM python:3.12\nARG P=7860\nENV PORT=$P\nCOPY docker/run.sh /run.sh\nCMD bash /run.sh web\n"
    script = """#!/usr/bin/env bash
set -euo pipefail
: "${WORKERS:=2}"
HOST=${HOST:-0.0.0.0}
serve() {
  exec uvicorn a:b --host "$HOST" --port "$PORT"
}
case "$1" in
  worker) celery -A a worker ;;
  web) serve ;;
esac
uvicorn never:reached --port 1
"""
    launch = follow(text, docker___run__sh=script)
    assert servers(launch) == [("uvicorn", 7860, ALL)]
    assert launch.servers[0].place.path == "docker/run.sh" and launch.servers[0].place.line == 6


def test_conditions() -> None:
    script = """if [ "$MODE" = "api" ]; then
  uvicorn api:app --port 1
elif [ -n "${PORT:-}" ]; then
  uvicorn b:app --port "$PORT"
else
  uvicorn c:app --host 0.0.0.0 --port 7860
fi
"""
    assert [s.port for s in follow(PYTHON + "CMD sh a.sh\n", a__sh=script).servers] == [7860]
    assert [s.port for s in follow(PYTHON + "ENV MODE=api\nCMD sh a.sh\n", a__sh=script).servers] == [1]
    unknown = "if curl -s x; then uvicorn a:b --port 1; else uvicorn a:b --port 2; fi\n"
    found = follow(PYTHON + "CMD sh a.sh\n", a__sh=unknown).servers
    assert [(s.port, s.certain) for s in found] == [(1, False), (2, False)]


def test_several_servers() -> None:
    script = "redis-server --daemonize yes\nuvicorn a:b --port 8000 &\nnginx -g 'daemon off;'\n"
    launch = follow(
        PYTHON + "COPY site.conf /etc/nginx/conf.d/default.conf\nCMD ./run.sh\n",
        run__sh=script,
        site__conf="server {\n  listen 7860 default_server;\n  listen [::]:7860;\n}\n",
    )
    assert [(s.kind, s.port, s.background, s.internal) for s in launch.servers] == [
        ("redis", 6379, False, True),
        ("uvicorn", 8000, True, False),
        ("nginx", 7860, False, False),
        ("nginx", 7860, False, False),
    ]
    assert [s.kind for s in launch.reached] == ["uvicorn", "nginx", "nginx"]


def test_written_scripts() -> None:
    text = "FROM python:3.12\nRUN echo '#!/bin/sh\\n\\\nuvicorn a:b --port 7860\\n' > /start.sh && chmod +x /start.sh\nCMD /start.sh\n"
    assert servers(follow(text)) == [("uvicorn", 7860, LOCAL)]
    text = "FROM python:3.12\nCOPY <<EOF /start.sh\n#!/bin/sh\nuvicorn a:b --port 7860\nEOF\nCMD /start.sh\n"
    assert servers(follow(text)) == [("uvicorn", 7860, LOCAL)]
    text = "FROM python:3.12\nRUN cat > /s.sh <<'EOF'\nuvicorn a:b --port 7860\nEOF\nCMD sh /s.sh\n"
    assert servers(follow(text)) == [("uvicorn", 7860, LOCAL)]


def test_process_managers() -> None:
    conf = """[supervisord]
nodaemon=true
[program:api]
command=uvicorn a:b --host 127.0.0.1 --port 8000
directory=/app
[program:web]
environment=PORT="7860",A=1
command=bash -c "streamlit run app.py --server.port $PORT"
[program:off]
;command=uvicorn x:y
"""
    launch = follow(PYTHON + 'CMD ["supervisord", "-c", "/app/s.conf"]\n', s__conf=conf)
    assert servers(launch) == [("uvicorn", 8000, LOCAL), ("streamlit", 7860, "")]
    procfile = "web: gunicorn -b 0.0.0.0:$PORT a:b\nworker: celery -A a worker\n"
    assert servers(follow(PYTHON + "ENV PORT=7860\nCMD honcho start\n", Procfile=procfile)) == [
        ("gunicorn", 7860, ALL)
    ]
    assert servers(follow(PYTHON + "CMD make serve\n", Makefile="serve: x\n\tuvicorn a:b --port 7860\n")) == [
        ("uvicorn", 7860, LOCAL)
    ]


def test_proxies() -> None:
    caddy = "FROM caddy\nCOPY Caddyfile /etc/caddy/Caddyfile\n"
    for text, port in (
        ("{\n\tadmin off\n}\n:7860 {\n\treverse_proxy localhost:8000\n}\n", 7860),
        (":{$PORT:7860}\nroot * /srv\n", 7860),
        ("http://0.0.0.0:7860 {\n}\n", 7860),
        ("example.org {\n}\n", 443),
    ):
        found = servers(follow(caddy, Caddyfile=text))
        assert found and found[0] == ("caddy", port, ""), text
    assert servers(follow("FROM nginx\nCOPY dist /usr/share/nginx/html\n", dist___i__html="x")) == [
        ("nginx", 80, "")
    ]
    nginx = "FROM nginx\nCOPY nginx.conf /etc/nginx/nginx.conf\nENV PORT=7860\n"
    assert servers(follow(nginx, nginx__conf="http { server { listen 0.0.0.0:7860; } }")) == [
        ("nginx", 7860, "")
    ]
    assert servers(follow(nginx, nginx__conf="http { server { listen ${PORT}; } }")) == [("nginx", 7860, "")]
    assert servers(
        follow(nginx, nginx__conf="http { server { # listen 80;\n listen 127.0.0.1:7860; } }")
    ) == [("nginx", 7860, LOCAL)]
    told = follow(nginx, nginx__conf="http { server { listen __PORT__; } }")
    assert told.servers == () and told.cannot_tell


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"package__json": '{"scripts": {"start": "next start"}}'}, ("next", 3000, "")),
        (
            {
                "package__json": '{"scripts": {"start": "PORT=7860 node index.js"}}',
                "index__js": "app.listen(process.env.PORT)",
            },
            ("node", 7860, ""),
        ),
        (
            {
                "package__json": '{"scripts": {"start": "npm run serve", "serve": "vite preview --port 7860 --host 0.0.0.0"}}'
            },
            ("vite", 7860, ALL),
        ),
        (
            {
                "package__json": '{"scripts": {}}',
                "server__js": "http.createServer(f).listen(3000, 'localhost')",
            },
            ("node", 3000, "localhost"),
        ),
        (
            {
                "package__json": '{"scripts": {"start": "node dist/index.js"}}',
                "src___index__ts": "const PORT: number = parseInt(process.env.PORT ?? '7860', 10);\nserver.listen(PORT, '0.0.0.0');",
            },
            ("node", 7860, ALL),
        ),
        (
            {
                "package__json": '{"scripts": {"start": "bun src/i.ts"}}',
                "src___i__ts": "export default { port: 7860, fetch }",
            },
            ("node", 7860, ""),
        ),
        (
            {
                "package__json": '{"scripts": {"start": "node a.js"}}',
                "a__js": "fastify.listen({ port: 7860 })",
            },
            ("node", 7860, "localhost"),
        ),
        (
            {
                "package__json": '{"scripts": {"start": "node a.js"}}',
                "a__js": "// app.listen(1)\nconst config = {port: 3000}\nconst port = process.env.PORT || 7860;\napp.listen(port, () => {})",
            },
            ("node", 7860, ""),
        ),
    ],
)
def test_node(files: dict[str, str], expected: tuple[str, int, str]) -> None:
    assert servers(follow(NODE + "CMD npm start\n", **files)) == [expected]


def test_frameworks_of_node() -> None:
    nuxt = follow(
        NODE + "CMD node .output/server/index.mjs\n", package__json='{"dependencies": {"nuxt": "3"}}'
    )
    assert servers(nuxt) == [("nuxt", 3000, "")]
    next_ = follow(
        NODE + "ENV PORT=7860\nCMD node server.js\n", package__json='{"dependencies": {"next": "15"}}'
    )
    assert servers(next_) == [("next", 7860, "")]


def test_what_cannot_be_told_is_said() -> None:
    for command, files in (
        ("./run.sh", {}),
        ("python app.py", {}),
        ("some-binary --port 7860", {}),
        ("$(which x) --port 1", {}),
        ("npm start", {}),
        ("python app.py", {"app__py": "import runner\nrunner.serve_all()\nfrom x import main\nmain()"}),
    ):
        launch = follow(f"{PYTHON}CMD {command}\n", **files)
        assert launch.servers == () and launch.cannot_tell, command
    assert follow("FROM example.org/x\n").cannot_tell
    assert not follow("FROM python:3.12\n").started


def test_nothing_is_started_by_helpers() -> None:
    launch = follow(
        PYTHON
        + "CMD echo uvicorn && sleep 1 && pip install uvicorn && which gunicorn && celery -A a worker\n"
    )
    assert launch.servers == () and launch.cannot_tell == ()


def test_loops_end() -> None:
    assert follow(PYTHON + "CMD sh a.sh\n", a__sh="f() { f; }\nf\nsh a.sh\n. ./a.sh\n").servers == ()
    assert follow(NODE + "CMD npm start\n", package__json='{"scripts": {"start": "npm start"}}').servers == ()
