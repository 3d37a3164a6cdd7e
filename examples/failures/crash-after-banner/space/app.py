import json
import threading
import time
from datetime import datetime

from flask import Flask

app = Flask(__name__)
board = []


@app.route("/")
def index():
    return "<br>".join(board) or "one moment"


def renew():
    now = datetime.now().minute
    with open("timetable.json") as file:
        trains = json.load(file)
    board[:] = [f"{t['line']} {t['to']} in {(t['minute'] - now) % 60} min" for t in trains]


if __name__ == "__main__":
    server = threading.Thread(target=app.run, kwargs={"host": "0.0.0.0", "port": 7860}, daemon=True)
    server.start()
    time.sleep(1.5)
    while True:
        renew()
        time.sleep(60)
