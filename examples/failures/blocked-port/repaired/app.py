import os

import redis
from flask import Flask

REDIS_URL = os.environ.get("REDIS_URL", "redis://203.0.113.24:6379/0")

database = redis.from_url(REDIS_URL, socket_connect_timeout=1)
try:
    database.ping()
except redis.RedisError as error:
    print(f"no Redis, counting here alone: {error}", flush=True)
    database = None

app = Flask(__name__)
visits = 0


@app.route("/")
def index():
    global visits
    visits += 1
    if database is None:
        return f"visit number {visits} since the start"
    return f"visit number {database.incr('visits')}"
