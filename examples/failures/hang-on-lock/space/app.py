import random

from flask import Flask

import store

print("Loading name lists ...", flush=True)
first, second = store.load_all()
print("Lists are there", flush=True)

app = Flask(__name__)


@app.route("/")
def name():
    return random.choice(first) + random.choice(second)


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=7860)
