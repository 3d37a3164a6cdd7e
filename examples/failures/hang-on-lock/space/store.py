import threading

_lock = threading.Lock()
_lists = {}

FIRST = ["Raven", "Silver", "Oak", "Storm", "Glen"]
SECOND = ["hold", "keep", "watch", "moor", "crag"]


def load(name):
    with _lock:
        if name not in _lists:
            _lists[name] = FIRST if name == "first" else SECOND
        return _lists[name]


def load_all():
    with _lock:
        return [load("first"), load("second")]
