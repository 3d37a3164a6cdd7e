import markdown
from flask import Flask, request

app = Flask(__name__)

FORM = """<!doctype html>
<title>Markdown preview</title>
<form method="post"><textarea name="text" rows="12" cols="60">{text}</textarea><button>show</button></form>
<hr>{html}
"""


@app.route("/", methods=["GET", "POST"])
def index():
    text = request.form.get("text", "# Hello\n\nSome *text*.")
    return FORM.format(text=text, html=markdown.markdown(text))
