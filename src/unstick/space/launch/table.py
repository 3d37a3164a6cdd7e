"""What is known of servers: where they listen unless told otherwise, and which options tell them.

Defaults are those of the projects' own documentation and `--help` texts, October 2026. To add one, add a row.
"""

from __future__ import annotations

from unstick.record import NamedTuple


class Kind(NamedTuple):
    """One kind of server.

    `programs` are the commands (or `python -m` modules) that start it, `verb` the first argument that must
    follow ('' for none, several by '|'). `port`, `host` are the defaults: port 0 means that there is none
    that could be told, host '' all addresses. `port_options` and `host_options` take one value each,
    `bind_options` take host:port. `port_variables` and `host_variables` are environment variables it reads.
    `positional` says that the first argument that is a number or host:port is meant so. `internal` marks
    helpers that no browser talks to. `app` says that the first other argument is a Python file or module that
    may call on more.
    """

    name: str
    programs: tuple[str, ...]
    port: int
    host: str
    verb: str = ""
    port_options: tuple[str, ...] = ("--port",)
    host_options: tuple[str, ...] = ("--host",)
    bind_options: tuple[str, ...] = ()
    port_variables: tuple[str, ...] = ()
    host_variables: tuple[str, ...] = ()
    positional: bool = False
    internal: bool = False


_P = ("-p", "--port")
_H = ("-h", "--host")
LOCAL = "127.0.0.1"

KINDS: tuple[Kind, ...] = (
    Kind("uvicorn", ("uvicorn",), 8000, LOCAL, port_variables=("UVICORN_PORT",),
         host_variables=("UVICORN_HOST",)),
    Kind("gunicorn", ("gunicorn",), 8000, LOCAL, "", (), (), ("-b", "--bind"), ("PORT",)),
    Kind("hypercorn", ("hypercorn",), 8000, LOCAL, "", (), (), ("-b", "--bind")),
    Kind("daphne", ("daphne",), 8000, LOCAL, "", _P, ("-b", "--bind")),
    Kind("granian", ("granian",), 8000, LOCAL, port_variables=("GRANIAN_PORT",),
         host_variables=("GRANIAN_HOST",)),
    Kind("waitress", ("waitress-serve", "waitress"), 8080, "", "", ("--port",), ("--host",), ("--listen",)),
    Kind("flask", ("flask",), 5000, LOCAL, "run", _P, _H, (), ("FLASK_RUN_PORT",), ("FLASK_RUN_HOST",)),
    Kind("quart", ("quart",), 5000, LOCAL, "run", _P, _H),
    Kind("sanic", ("sanic",), 8000, LOCAL, "", _P, ("-H", "--host")),
    Kind("litestar", ("litestar",), 8000, LOCAL, "run", _P, ("-H", "--host"), (), ("LITESTAR_PORT",),
         ("LITESTAR_HOST",)),
    Kind("streamlit", ("streamlit",), 8501, "", "run", ("--server.port",), ("--server.address",), (),
         ("STREAMLIT_SERVER_PORT",), ("STREAMLIT_SERVER_ADDRESS",)),
    Kind("fastapi", ("fastapi",), 8000, "", "run", ("--port",), ("--host",), (), ("PORT",)),
    Kind("fastapi", ("fastapi",), 8000, LOCAL, "dev", ("--port",), ("--host",), (), ("PORT",)),
    Kind("panel", ("panel",), 5006, "", "serve", ("--port",), ("--address",), (), ("BOKEH_PORT",),
         ("BOKEH_ADDRESS",)),
    Kind("bokeh", ("bokeh",), 5006, "", "serve", ("--port",), ("--address",), (), ("BOKEH_PORT",),
         ("BOKEH_ADDRESS",)),
    Kind("shiny", ("shiny",), 8000, LOCAL, "run", _P, _H, (), ("SHINY_PORT",), ("SHINY_HOST",)),
    Kind("voila", ("voila",), 8866, "localhost", "", ("--port", "--Voila.port"), ("--Voila.ip", "--ip")),
    Kind("jupyter", ("jupyter", "jupyter-lab", "jupyter-notebook"), 8888, "localhost",
         "lab|notebook|server|nbclassic|", ("--port", "--ServerApp.port", "--NotebookApp.port"), ("--ip",
         "--ServerApp.ip", "--NotebookApp.ip"), (), ("JUPYTER_PORT",)),
    Kind("marimo", ("marimo",), 2718, LOCAL, "run|edit", _P, ("--host",)),
    Kind("chainlit", ("chainlit",), 8000, LOCAL, "run", _P, ("--host",), (), ("CHAINLIT_PORT",),
         ("CHAINLIT_HOST",)),
    Kind("solara", ("solara",), 8765, "localhost", "run", ("--port",), ("--host",), (), ("SOLARA_PORT",),
         ("SOLARA_HOST",)),
    Kind("mesop", ("mesop",), 32123, "localhost", "", ("--port",), ()),
    Kind("reflex", ("reflex",), 3000, "", "run", ("--frontend-port",), (), (), ("FRONTEND_PORT",)),
    Kind("mlflow", ("mlflow",), 5000, LOCAL, "server|ui", _P, _H, (), ("MLFLOW_PORT",), ("MLFLOW_HOST",)),
    Kind("tensorboard", ("tensorboard",), 6006, "localhost", "", ("--port",), ("--host",)),
    Kind("rasa", ("rasa",), 5005, "", "run", _P, ("-i", "--interface")),
    Kind("litellm", ("litellm",), 4000, "", "", ("--port",), ("--host",), (), ("PORT",)),
    Kind("vllm", ("vllm",), 8000, "", "serve", ("--port",), ("--host",)),
    Kind("vllm", ("vllm.entrypoints.openai.api_server", "vllm.entrypoints.api_server"), 8000, ""),
    Kind("sglang", ("sglang.launch_server",), 30000, LOCAL),
    Kind("tgi", ("text-generation-launcher",), 3000, "", "", _P, ("--hostname",), (), ("PORT",),
         ("HOSTNAME_BIND",)),
    Kind("tei", ("text-embeddings-router",), 3000, "", "", _P, ("--hostname",), (), ("PORT",)),
    Kind("llama-server", ("llama-server", "server.llama"), 8080, LOCAL, "", ("--port",), ("--host",), (),
         ("LLAMA_ARG_PORT",), ("LLAMA_ARG_HOST",)),
    Kind("llama-cpp-python", ("llama_cpp.server",), 8000, "localhost", "", ("--port",), ("--host",), (),
         ("PORT",), ("HOST",)),
    Kind("ollama", ("ollama",), 11434, LOCAL, "serve|start", (), (), (), (), ("OLLAMA_HOST",)),
    Kind("open-webui", ("open-webui",), 8080, "", "serve", ("--port",), ("--host",), (), ("PORT",), ("HOST",
         )),
    Kind("django", ("manage.py", "django-admin"), 8000, LOCAL, "runserver", (), (), positional=True),
    Kind("http.server", ("http.server",), 8000, "", "", (), ("-b", "--bind"), positional=True),
    Kind("datasette", ("datasette",), 8001, LOCAL, "", _P, _H),
    Kind("code-server", ("code-server",), 8080, LOCAL, "", ("--port",), ("--host",), ("--bind-addr",),
         ("PORT",)),
    Kind("ttyd", ("ttyd",), 7681, "", "", _P, ("-i", "--interface")),
    Kind("websockify", ("websockify",), 0, "", "", (), (), (), positional=True),
    Kind("novnc", ("novnc_proxy", "launch.sh"), 6080, "", "", (), (), ("--listen",)),
    Kind("next", ("next",), 3000, "", "start|dev", _P, ("-H", "--hostname"), (), ("PORT",)),
    Kind("vite", ("vite",), 4173, "localhost", "preview", ("--port",), ("--host",)),
    Kind("vite", ("vite",), 5173, "localhost", "dev|serve|", ("--port",), ("--host",)),
    Kind("nuxt", ("nuxt", "nuxi"), 3000, "localhost", "dev|start|preview", _P, _H, (), ("NITRO_PORT",
         "NUXT_PORT", "PORT"), ("NITRO_HOST", "NUXT_HOST", "HOST")),
    Kind("astro", ("astro",), 4321, "localhost", "dev|preview", ("--port",), ("--host",)),
    Kind("react-scripts", ("react-scripts",), 3000, "", "start", (), (), (), ("PORT",), ("HOST",)),
    Kind("vue-cli", ("vue-cli-service",), 8080, "", "serve", ("--port",), ("--host",), (), ("PORT",), ("HOST",
         )),
    Kind("angular", ("ng",), 4200, "localhost", "serve|s|", ("--port",), ("--host",)),
    Kind("serve", ("serve",), 3000, "", "", ("-p", "--port"), (), ("-l", "--listen"), ("PORT",)),
    Kind("http-server", ("http-server",), 8080, "", "", _P, ("-a",), (), ("PORT",)),
    Kind("json-server", ("json-server",), 3000, "localhost", "", _P, ("-h", "--host")),
    Kind("gatsby", ("gatsby",), 9000, "localhost", "serve", _P, ("-H", "--host")),
    Kind("php", ("php",), 0, "", "-S", (), (), ("-S",)),
    Kind("laravel", ("artisan",), 8000, LOCAL, "serve", ("--port",), ("--host",), (), ("SERVER_PORT",),
         ("SERVER_HOST",)),
    Kind("rails", ("rails",), 3000, "", "server|s", _P, ("-b", "--binding"), (), ("PORT",), ("BINDING",)),
    Kind("puma", ("puma",), 9292, "", "", _P, (), ("-b", "--bind"), ("PORT",)),
    Kind("rackup", ("rackup",), 9292, "localhost", "", _P, ("-o", "--host"), (), ("PORT",)),
    Kind("thrust", ("thrust",), 80, "", "", (), (), (), ("HTTP_PORT",)),
    Kind("spring", ("java",), 8080, "", "", ("--server.port", "-Dserver.port"), ("--server.address",
         "-Dserver.address"), (), ("SERVER_PORT",), ("SERVER_ADDRESS",)),
    Kind("dotnet", ("dotnet",), 8080, "", "", (), (), ("--urls",), ("ASPNETCORE_HTTP_PORTS",)),
    Kind("shiny-server", ("shiny-server",), 3838, ""),
    Kind("apache", ("apache2-foreground", "httpd", "httpd-foreground", "apachectl", "apache2ctl", "apache2"),
         80, ""),
    Kind("n8n", ("n8n",), 5678, "", "", (), (), (), ("N8N_PORT",), ("N8N_LISTEN_ADDRESS",)),
    Kind("aphrodite", ("aphrodite",), 2242, "", "run", ("--port",), ("--host",)),
    Kind("comfyui", ("comfy",), 8188, LOCAL, "launch", ("--port",), ("--listen",)),
    Kind("redis", ("redis-server", "valkey-server", "dragonfly"), 6379, LOCAL, internal=True),
    Kind("postgres", ("postgres", "pg_ctl", "pg_ctlcluster"), 5432, "", internal=True),
    Kind("mysql", ("mysqld", "mysqld_safe", "mariadbd"), 3306, "", internal=True),
    Kind("mongodb", ("mongod",), 27017, LOCAL, internal=True),
    Kind("neo4j", ("neo4j",), 7474, "", internal=True),
    Kind("elasticsearch", ("elasticsearch", "opensearch"), 9200, LOCAL, internal=True),
    Kind("memcached", ("memcached",), 11211, "", internal=True),
    Kind("rabbitmq", ("rabbitmq-server",), 5672, "", internal=True),
    Kind("chroma", ("chroma",), 8000, "localhost", "run", internal=True),
    Kind("qdrant", ("qdrant",), 6333, "", internal=True),
    Kind("vnc", ("x11vnc", "vncserver", "Xvnc", "x0vncserver", "tigervncserver"), 5900, "", internal=True),
)  # fmt: skip

BY_PROGRAM: dict[str, tuple[Kind, ...]] = {}
for _kind in KINDS:
    for _program in _kind.programs:
        BY_PROGRAM[_program] = (*BY_PROGRAM.get(_program, ()), _kind)

CONFIGURED = frozenset(
    ("apache2-foreground", "httpd-foreground", "apachectl", "apache2ctl", "httpd", "apache2")
)
"""Programs of the table whose port stands in a configuration file."""

QUIET = frozenset(
    [
        "[",
        "[[",
        "alembic",
        "apt",
        "apt-get",
        "aptitude",
        "awk",
        "base64",
        "cat",
        "break",
        "continue",
        "cd",
        "celery",
        "chmod",
        "chown",
        "clear",
        "cp",
        "crond",
        "cron",
        "curl",
        "cut",
        "date",
        "dbus-daemon",
        "dbus-launch",
        "df",
        "dirname",
        "django-admin",
        "dos2unix",
        "du",
        "echo",
        "envsubst",
        "env",
        "exit",
        "export",
        "false",
        "ffmpeg",
        "find",
        "fluxbox",
        "free",
        "git",
        "grep",
        "head",
        "hostname",
        "huggingface-cli",
        "hf",
        "id",
        "install",
        "ip",
        "jq",
        "kill",
        "killall",
        "ln",
        "local",
        "locale",
        "ls",
        "mkdir",
        "mkfifo",
        "mktemp",
        "mv",
        "nc",
        "nproc",
        "nvidia-smi",
        "openbox",
        "pgrep",
        "pip",
        "pip3",
        "pkill",
        "pm2-logs",
        "prisma",
        "printf",
        "ps",
        "pwd",
        "python-config",
        "read",
        "readlink",
        "redis-cli",
        "return",
        "rm",
        "rq",
        "sed",
        "seq",
        "service",
        "set",
        "shift",
        "shopt",
        "sleep",
        "sort",
        "source",
        "ssh-",
        "keygen",
        "stat",
        "stty",
        "sysctl",
        "tail",
        "tar",
        "tee",
        "test",
        "top",
        "touch",
        "tr",
        "trap",
        "true",
        "tsc",
        "tty",
        "ulimit",
        "umask",
        "uname",
        "unset",
        "unzip",
        "uptime",
        "useradd",
        "wait",
        "wc",
        "wget",
        "which",
        "whoami",
        "xargs",
        "xhost",
        "Xvfb",
        "xvfb",
        "xset",
        "yq",
        "zcat",
        "psql",
        "pg_isready",
        "mongosh",
        "mysql",
        "mysqladmin",
        "createdb",
        "flower",
        "let",
        "declare",
        "typeset",
        "getopts",
        "dockerize",
        "wait-for-it",
        "wait-for-it.sh",
        "wait-for",
        "logger",
        "fc-",
        "cache",
    ]
)
"""Commands that never serve HTTP."""


def kind_of(program: str, arguments: tuple[str, ...]) -> Kind | None:
    """The kind of server that a command starts, or None."""
    first = next((a for a in arguments if not a.startswith("-") or a == "-S"), "")
    for kind in BY_PROGRAM.get(program, ()):
        verbs = kind.verb.split("|")
        if not kind.verb or first in verbs or "" in verbs or (len(verbs) == 1 and kind.verb in arguments[:6]):
            return kind
    return None
