from flask import Flask, jsonify, request
from PIL import Image
from pyzbar.pyzbar import decode

app = Flask(__name__)


@app.route("/")
def index():
    return "POST a picture to /read"


@app.route("/read", methods=["POST"])
def read():
    picture = Image.open(request.files["picture"].stream)
    return jsonify([{"type": code.type, "data": code.data.decode()} for code in decode(picture)])
