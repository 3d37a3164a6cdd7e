import os
from datetime import UTC, datetime

from flask import Flask

import health

app = Flask(__name__)
started = datetime.now(UTC)


@app.route("/")
def index():
    return f"up since {started:%Y-%m-%d %H:%M} UTC"


if __name__ == "__main__":
    health.start(int(os.environ.get("HEALTH_PORT", 7860)))
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 7860)))
