from flask import Flask, request

app = Flask(__name__)

PAGE = """<!doctype html>
<title>Unit converter</title>
<form>
  <input name="miles" type="number" step="any" value="{miles}"> miles
  <button>convert</button>
</form>
<p>{result}</p>
"""


@app.route("/")
def index():
    miles = request.args.get("miles", 26.2, type=float)
    return PAGE.format(miles=miles, result=f"{miles * 1.609344:.2f} km")
