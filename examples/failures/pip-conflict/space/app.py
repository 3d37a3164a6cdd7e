from flask import Flask, jsonify

COLOURS = {"tomato": "#ff6347", "teal": "#008080", "plum": "#dda0dd", "khaki": "#f0e68c"}

app = Flask(__name__)


@app.route("/")
def index():
    return jsonify(COLOURS)


@app.route("/<name>")
def colour(name):
    return COLOURS.get(name.lower(), "not known")
