from datetime import date

from fastapi import FastAPI

QUOTES = [
    "Well begun is half done.",
    "The obstacle is the way.",
    "Little by little one travels far.",
]

app = FastAPI(title="Quote of the day")


@app.get("/")
def today():
    return {"quote": QUOTES[date.today().toordinal() % len(QUOTES)]}


@app.get("/quotes")
def everything():
    return QUOTES
