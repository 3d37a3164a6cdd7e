from datetime import date

from fastapi import FastAPI

app = FastAPI(title="Week number")


@app.get("/")
def week():
    year, number, day = date.today().isocalendar()
    return {"year": year, "week": number, "day": day}
