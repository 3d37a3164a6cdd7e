import math
from datetime import date

from fastapi import FastAPI

NEW_MOON = date(2000, 1, 6)
MONTH = 29.530588

app = FastAPI(title="Moon phase")


@app.get("/")
def today():
    return phase(date.today())


@app.get("/phase/{day}")
def phase(day: date):
    age = (day - NEW_MOON).days % MONTH
    return {"day": day, "lit": round((1 - math.cos(2 * math.pi * age / MONTH)) / 2, 2)}
