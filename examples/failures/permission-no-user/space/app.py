import os
import uuid

from flask import Flask, abort, request

PASTES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pastes")
os.makedirs(PASTES, exist_ok=True)

app = Flask(__name__)


@app.route("/")
def index():
    return f"{len(os.listdir(PASTES))} texts"


@app.route("/", methods=["POST"])
def keep():
    name = uuid.uuid4().hex
    with open(os.path.join(PASTES, name), "wb") as file:
        file.write(request.get_data())
    return name


@app.route("/<name>")
def show(name):
    path = os.path.join(PASTES, os.path.basename(name))
    if not os.path.isfile(path):
        abort(404)
    with open(path, "rb") as file:
        return file.read(), 200, {"content-type": "text/plain"}
