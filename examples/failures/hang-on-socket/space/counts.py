import json


def serve(channel):
    votes = {}
    while True:
        choice = channel.recv(64).decode()
        if choice:
            votes[choice] = votes.get(choice, 0) + 1
        channel.send(json.dumps(votes).encode())


def ask(channel, choice=""):
    channel.send(choice.encode())
    return json.loads(channel.recv(4096))
