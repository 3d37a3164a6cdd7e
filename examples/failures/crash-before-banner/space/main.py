import json
from pathlib import Path

from fastapi import FastAPI

SETTINGS = json.loads(Path(__file__).with_name("settings.json").read_text())
SPEED = int(SETTINGS["words_per_minute"])

app = FastAPI(title="Reading time")


@app.get("/")
def reading_time(text: str = "A short sentence to begin with."):
    minutes = len(text.split()) / SPEED
    step = SETTINGS["round_to"]
    return {"minutes": max(step, round(minutes / step) * step)}
