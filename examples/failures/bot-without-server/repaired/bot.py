import math
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

PERIOD = 12.42 * 3600


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"the bot is running")


threading.Thread(target=HTTPServer(("0.0.0.0", 7860), Page).serve_forever, daemon=True).start()

print("Tide bot started, polling every second")
while True:
    height = 1.8 + 1.2 * math.sin(2 * math.pi * time.time() / PERIOD)
    print(f"tide at {height:.2f} m")
    time.sleep(1)
