import random

from flask import Flask, jsonify

WORDS = 60_000
DIMENSIONS = 300

app = Flask(__name__)


def load_vectors():
    print(f"Loading {WORDS} vectors ...", flush=True)
    numbers = random.Random(7)
    return {f"word{i}": [numbers.random() for _ in range(DIMENSIONS)] for i in range(WORDS)}


vectors = load_vectors()


@app.route("/")
def index():
    return jsonify(words=len(vectors), dimensions=DIMENSIONS)


@app.route("/near/<word>")
def near(word):
    own = vectors[word]
    score = {w: sum(a * b for a, b in zip(own, v, strict=True)) for w, v in list(vectors.items())[:2000]}
    return jsonify(sorted(score, key=score.get, reverse=True)[:10])


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=7860)
