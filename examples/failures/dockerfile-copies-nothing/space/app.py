from datetime import datetime

from flask import Flask

app = Flask(__name__)


@app.route("/")
def index():
    now = datetime.now()
    return f"<pre>{now.hour:05b}\n{now.minute:06b}\n{now.second:06b}</pre>"
