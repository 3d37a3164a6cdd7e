import json
import os
import urllib.parse
import urllib.request

from flask import Flask, jsonify

SERVICE = "https://api.openweathermap.org/data/2.5/forecast"
API_KEY = os.environ["OPENWEATHER_API_KEY"]

app = Flask(__name__)


@app.route("/")
def index():
    return "ask /weather/Lisbon"


@app.route("/weather/<city>")
def weather(city):
    query = urllib.parse.urlencode({"q": city, "units": "metric", "appid": API_KEY})
    with urllib.request.urlopen(f"{SERVICE}?{query}", timeout=10) as answer:
        return jsonify(json.load(answer))
