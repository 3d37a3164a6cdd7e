import queue
import re
import threading

from flask import Flask, jsonify, request

app = Flask(__name__)
jobs = queue.Queue()


class Job:
    def __init__(self, text):
        self.text, self.result, self.done = text, None, threading.Event()


def work():
    while True:
        job = jobs.get()
        job.result = re.split(r"(?<=[.!?])\s+", job.text.strip())
        job.done.set()


threading.Thread(target=work, daemon=True).start()


@app.route("/")
def index():
    job = Job(request.args.get("text", "This is one. This is another!"))
    jobs.put(job)
    job.done.wait()
    return jsonify(job.result)
