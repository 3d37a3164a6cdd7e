import re

from flask import Flask, request

app = Flask(__name__)


@app.route("/")
def slug():
    text = request.args.get("text", "Ten good reasons")
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


if __name__ == "__main__":
    app.run(port=7860)
