"""Calls in Python that start a server: where it then listens, and which arguments say so."""

from __future__ import annotations

from unstick.record import NamedTuple


class PyServer(NamedTuple):
    """One call. `port` and `host` are the defaults (port 0: cannot be told), `order` the names of the
    positional arguments.

    `port_variables` and `host_variables` are environment variables that the library reads when no argument is
    given.
    """

    kind: str
    port: int
    host: str
    order: tuple[str, ...]
    port_names: tuple[str, ...] = ("port",)
    host_names: tuple[str, ...] = ("host",)
    port_variables: tuple[str, ...] = ()
    host_variables: tuple[str, ...] = ()


LOCAL = "127.0.0.1"
_FLASK = PyServer("flask", 5000, LOCAL, ("host", "port", "debug"))
_GRADIO = PyServer(
    "gradio",
    7860,
    LOCAL,
    (),
    ("server_port",),
    ("server_name",),
    ("GRADIO_SERVER_PORT",),
    ("GRADIO_SERVER_NAME",),
)
_DASH = PyServer("dash", 8050, LOCAL, ("host", "port"), port_variables=("PORT",), host_variables=("HOST",))
_ADDRESS = PyServer("http.server", 0, "", ("address",))

CALLS: dict[str, PyServer] = {
    "uvicorn.run": PyServer("uvicorn", 8000, LOCAL, ("app",)),
    "uvicorn.Config": PyServer("uvicorn", 8000, LOCAL, ("app", "host", "port")),
    "uvicorn.config.Config": PyServer("uvicorn", 8000, LOCAL, ("app", "host", "port")),
    "waitress.serve": PyServer("waitress", 8080, "", ("app",)),
    "aiohttp.web.run_app": PyServer("aiohttp", 8080, "", ("app",)),
    "aiohttp.web.TCPSite": PyServer("aiohttp", 8080, "", ("runner", "host", "port")),
    "bottle.run": PyServer("bottle", 8080, LOCAL, ("app", "server", "host", "port")),
    "nicegui.ui.run": PyServer("nicegui", 8080, "", ()),
    "werkzeug.serving.run_simple": PyServer(
        "werkzeug", 0, "", ("host", "port", "app"), host_names=("host", "hostname")
    ),
    "wsgiref.simple_server.make_server": PyServer("wsgiref", 0, "", ("host", "port", "app")),
    "granian.Granian": PyServer(
        "granian", 8000, LOCAL, ("target", "host", "port"), host_names=("address", "host")
    ),
    "shiny.run_app": PyServer("shiny", 8000, LOCAL, ("app", "host", "port")),
    "panel.serve": PyServer("panel", 0, "", ("panels", "port", "address"), host_names=("address",)),
    "ray.serve.start": PyServer("ray", 8000, LOCAL, ()),
    "http.server.HTTPServer": _ADDRESS,
    "http.server.ThreadingHTTPServer": _ADDRESS,
    "socketserver.TCPServer": _ADDRESS,
    "socketserver.ThreadingTCPServer": _ADDRESS,
    "gevent.pywsgi.WSGIServer": _ADDRESS._replace(kind="gevent"),
    "eventlet.listen": _ADDRESS._replace(kind="eventlet"),
    "asyncio.start_server": PyServer("asyncio", 0, "", ("callback", "host", "port")),
    "websockets.serve": PyServer("websockets", 0, "", ("handler", "host", "port")),
    "cherrypy.quickstart": PyServer("cherrypy", 8080, LOCAL, ()),
    "mlflow.server": PyServer("mlflow", 5000, LOCAL, ()),
}
"""Functions and constructors by dotted name."""

METHODS: dict[tuple[str, str], PyServer] = {
    ("flask.Flask", "run"): _FLASK,
    ("apiflask.APIFlask", "run"): _FLASK,
    ("flask_socketio.SocketIO", "run"): PyServer("flask", 5000, LOCAL, ("app", "host", "port")),
    ("quart.Quart", "run"): PyServer("quart", 5000, LOCAL, ("host", "port", "debug")),
    ("sanic.Sanic", "run"): PyServer("sanic", 8000, LOCAL, ("host", "port")),
    ("bottle.Bottle", "run"): PyServer("bottle", 8080, LOCAL, ()),
    ("dash.Dash", "run"): _DASH,
    ("dash.Dash", "run_server"): _DASH,
    ("vizro.Vizro", "run"): _DASH,
    ("robyn.Robyn", "start"): PyServer("robyn", 8080, LOCAL, ("host", "port")),
    ("tornado.web.Application", "listen"): PyServer(
        "tornado", 0, "", ("port", "address"), host_names=("address",)
    ),
    ("tornado.httpserver.HTTPServer", "listen"): PyServer(
        "tornado", 0, "", ("port", "address"), host_names=("address",)
    ),
    ("taipy.Gui", "run"): PyServer("taipy", 5000, LOCAL, ()),
    ("taipy.gui.Gui", "run"): PyServer("taipy", 5000, LOCAL, ()),
}
"""Methods of library classes."""

GRADIO_CLASSES = frozenset(
    [
        "Blocks",
        "Interface",
        "ChatInterface",
        "TabbedInterface",
        "Series",
        "Parallel",
        "load",
        "Server",
        "WebRTC",
    ]
)
GRADIO = _GRADIO
FLASK = _FLASK
MCP = PyServer("mcp", 8000, LOCAL, ("transport",), ("port",), ("host",), ("FASTMCP_PORT",), ("FASTMCP_HOST",))
MCP_CLASSES = frozenset(
    ("fastmcp.FastMCP", "mcp.server.fastmcp.FastMCP", "mcp.server.FastMCP", "fastmcp.server.FastMCP")
)
WEB_APPS = frozenset(
    [
        "fastapi.FastAPI",
        "flask.Flask",
        "quart.Quart",
        "starlette.applications.Starlette",
        "sanic.Sanic",
        "dash.Dash",
        "gradio.Blocks",
        "gradio.Interface",
        "gradio.ChatInterface",
        "gradio.TabbedInterface",
        "bottle.Bottle",
        "litestar.Litestar",
    ]
)
"""Objects that do nothing until somebody serves them."""
