import multiprocessing
import socket

import uvicorn
from fastapi import FastAPI

import counts

app = FastAPI(title="Poll")


@app.get("/")
def show():
    return counts.ask(mine, " ")


@app.post("/vote/{choice}")
def vote(choice: str):
    return counts.ask(mine, choice)


if __name__ == "__main__":
    mine, theirs = socket.socketpair()
    multiprocessing.Process(target=counts.serve, args=(theirs,), daemon=True).start()
    print("Asking for the counts so far", flush=True)
    print(f"Counts so far: {counts.ask(mine, ' ')}", flush=True)
    uvicorn.run(app, host="0.0.0.0", port=7860)
