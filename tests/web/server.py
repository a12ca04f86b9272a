# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""Serves a folder on the loopback interface, with ranges, and badly where a test wants that."""

import http.server
import pathlib
import re
import threading


class Handler(http.server.SimpleHTTPRequestHandler):
    """/bad-.../PATH serves PATH with something wrong: no ranges, another file half way, or no length."""

    protocol_version = "HTTP/1.1"
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".wasm": "application/wasm",
                      ".js": "text/javascript"}

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.serve(False)

    def do_GET(self):
        self.serve(True)

    def serve(self, body):
        path = self.path.split("?")[0].lstrip("/")
        wrong, rest = path.split("/", 1) if path.startswith("bad-") else ("", path)
        file = pathlib.Path(self.directory) / (rest or "index.html")
        if not file.is_file():
            self.send_error(404)
            return
        data = file.read_bytes()
        self.server.requests += 1
        part = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if part and wrong != "bad-ranges":
            first, last = int(part[1]), min(int(part[2]), len(data) - 1)
            self.send_response(206 if first <= last else 416)
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
            data = data[first:last + 1]
        else:
            self.send_response(200)
        self.send_header("ETag", f'"{self.server.requests if wrong == "bad-change" else 0}"')
        if self.server.allows_others:
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Access-Control-Allow-Headers", "Range")
        self.send_header("Content-Type", self.guess_type(str(file)))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if body:
            self.wfile.write(data)


class Server:
    """Use as a context manager; `url` ends with a slash."""

    def __init__(self, folder, allows_others=False):
        def handler(*arguments):
            return Handler(*arguments, directory=str(folder))

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.requests = 0
        self.server.handle_error = lambda *_: None  # a browser that hangs up
        self.server.allows_others = allows_others
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
