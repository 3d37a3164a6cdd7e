import json

from flask import Flask

COUNTER = "counter.json"

app = Flask(__name__)


def add(what):
    with open(COUNTER, "r+") as file:
        counter = json.load(file)
        counter[what] += 1
        file.seek(0)
        json.dump(counter, file)
        file.truncate()
    return counter


add("starts")


@app.route("/")
def index():
    return add("visits")
