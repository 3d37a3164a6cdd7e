from fastapi import FastAPI

app = FastAPI(title="Palindrome checker")


@app.get("/")
def home():
    return {"try": "/check?text=never odd or even"}


@app.get("/check")
def check(text: str):
    letters = [letter.lower() for letter in text if letter.isalnum()]
    return {"text": text, "palindrome": letters == letters[::-1]}
