import csv

from flask import Flask

with open("guests.csv") as file:
    GUESTS = {row["name"]: int(row["seats"]) for row in csv.DictReader(file)}

app = Flask(__name__)


@app.route("/")
def index():
    return f"{len(GUESTS)} guests, {sum(GUESTS.values())} seats"
