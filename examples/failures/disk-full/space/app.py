import os
from array import array

from flask import Flask, send_from_directory

TILES = os.path.abspath("tiles")
SIZE = 1024
COUNT = 120

app = Flask(__name__)


def compute():
    os.makedirs(TILES, exist_ok=True)
    row = array("f", (float(x % 97) for x in range(SIZE)))
    for number in range(COUNT):
        with open(os.path.join(TILES, f"{number}.f32"), "wb") as file:
            for _ in range(SIZE):
                row.tofile(file)
        if number % 10 == 9:
            print(f"{number + 1} of {COUNT} tiles", flush=True)


compute()


@app.route("/")
def index():
    return f"{len(os.listdir(TILES))} tiles"


@app.route("/tiles/<name>")
def tile(name):
    return send_from_directory(TILES, name)


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=7860)
