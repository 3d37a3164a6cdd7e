import os

import redis
from flask import Flask

REDIS_URL = os.environ.get("REDIS_URL", "redis://203.0.113.24:6379/0")

database = redis.from_url(REDIS_URL)
print("connecting to Redis", flush=True)
database.ping()

app = Flask(__name__)


@app.route("/")
def index():
    return f"visit number {database.incr('visits')}"
