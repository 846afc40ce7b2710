"""A plain HTTP service: echoes requests, shows metrics, streams events, may fall ill on demand."""

import json
import os
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

STATE = {"health": 200, "requests": 0}


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        STATE["requests"] += 1
        path = self.path.partition("?")[0]
        if path == "/metrics":
            text = f"# TYPE echo_requests_total counter\necho_requests_total {STATE['requests']}\n"
            self.reply(200, text.encode(), "text/plain; version=0.0.4")
        elif path == "/health":
            self.reply(STATE["health"], b"{}")
        elif path.startswith("/health/"):  # what /health is to answer from now on
            STATE["health"] = int(path.rpartition("/")[2])
            self.reply(200, b"{}")
        elif path == "/events":
            self.events()
        elif path == "/exit":
            print("told to exit", flush=True)
            os._exit(3)
        elif path == "/inside":
            self.reply(200, json.dumps(inside()).encode())
        else:
            seen = {
                "method": self.command,
                "path": self.path,
                "headers": {name.lower(): value for name, value in self.headers.items()},
                "body": body.decode("latin-1"),
                "greeting": os.environ.get("GREETING"),
                "token_length": len(os.environ.get("TOKEN", "")),
                "arguments": sys.argv[1:],
            }
            self.reply(200, json.dumps(seen).encode())

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

    def reply(self, status, body, content_type="application/json"):
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def events(self):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        for number in range(3):
            self.wfile.write(f"data: {number}\n\n".encode())
            self.wfile.flush()
            time.sleep(0.05)

    def log_message(self, template, *arguments):
        print(template % arguments, flush=True)


def inside():
    """What the process is allowed to do."""

    def writable(path):
        try:
            Path(path, "probe").write_text("x")
        except OSError as error:
            return error.strerror
        return True

    lines = Path("/proc/self/status").read_text().splitlines()
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    return {
        "uid": os.getuid(),
        "root": writable("/"),
        "tmp": writable("/tmp"),
        "home": writable(Path.home()),
        "volume": writable("/data"),
        "capabilities": int(status["CapEff"].strip(), 16),
        "no_new_privileges": int(status["NoNewPrivs"]),
        "cpus": len(os.sched_getaffinity(0)),
    }


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    print("listening", flush=True)
    ThreadingHTTPServer(("0.0.0.0", int(os.environ.get("PORT", "8080"))), Echo).serve_forever()
