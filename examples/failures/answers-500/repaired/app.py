import sqlite3

from flask import Flask, redirect, request

DATABASE = "/tmp/wishes.db"

app = Flask(__name__)


def create_table():
    with sqlite3.connect(DATABASE) as db:
        db.execute("CREATE TABLE IF NOT EXISTS wish (text TEXT)")


@app.route("/")
def index():
    with sqlite3.connect(DATABASE) as db:
        wishes = [text for (text,) in db.execute("SELECT text FROM wish")]
    form = '<form method="post"><input name="text"><button>wish</button></form>'
    return form + "".join(f"<li>{wish}</li>" for wish in wishes)


@app.route("/", methods=["POST"])
def add():
    with sqlite3.connect(DATABASE) as db:
        db.execute("INSERT INTO wish VALUES (?)", (request.form["text"],))
    return redirect("/")


create_table()

if __name__ == "__main__":
    app.run(debug=True)
