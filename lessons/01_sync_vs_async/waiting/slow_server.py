"""The slow service that comes with the project, in threads of its own: whoever waits, it does not.

It is started when it is first asked for, on a free port of this machine, and ends with the process.
"""

import json
import os
import random
import socketserver
import threading
import time
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

#: How long it thinks about each answer.
SECONDS = float(os.environ.get("UPSTREAM_SECONDS", "1"))

#: No train has ever gone there.
UNREACHABLE = "Atlantis"

ANSWERS = {
    "weather": ["7 °C, light rain", "19 °C, a breeze from the sea", "24 °C, not a cloud"],
    "trains": ["all on time", "the night train is late", "one more at noon today"],
    "news": [
        "a bakery opens at the harbour",
        "the old bridge is blue now",
        "the library is lending bicycles",
    ],
    "sunrise": ["05:41", "06:12", "07:58"],
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        url = urlsplit(self.path)
        topic = url.path.strip("/")
        city = parse_qs(url.query).get("city", ["nowhere"])[0]
        if topic not in ANSWERS:
            self.answer(404, {"detail": f"I know nothing of {topic}."})
        elif (topic, city) == ("trains", UNREACHABLE):
            self.answer(503, {"detail": "The tracks are under water."})
        else:
            time.sleep(SECONDS)
            # The same question gets the same answer.
            said = random.Random(city).choice(ANSWERS[topic])
            self.answer(200, {"text": f"{city}: {said}"})

    def answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class SlowServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 100


_server = None
_starting = threading.Lock()


def url():
    """Return the address of the slow service, started if need be."""
    global _server
    with _starting:
        if _server is None:
            _server = SlowServer(("127.0.0.1", 0), Handler)
            threading.Thread(target=_server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{_server.server_address[1]}"
