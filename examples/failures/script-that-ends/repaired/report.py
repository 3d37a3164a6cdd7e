from http.server import BaseHTTPRequestHandler, HTTPServer

LIMIT = 100_000

sieve = bytearray([1]) * LIMIT
sieve[:2] = b"\0\0"
for number in range(2, int(LIMIT**0.5) + 1):
    if sieve[number]:
        sieve[number * number :: number] = bytes(len(range(number * number, LIMIT, number)))

report = f"{sum(sieve)} primes below {LIMIT}"
print(report)


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-type", "text/plain")
        self.end_headers()
        self.wfile.write(report.encode())


HTTPServer(("0.0.0.0", 7860), Page).serve_forever()
