"""A model hub on this machine: enough of its protocol for the client, with a line that can be cut at will."""

import hashlib
import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(ThreadingHTTPServer):
    """Serves ``files`` as the repository ``repository``; large ones through a redirect to its "storage", as the real one does."""

    daemon_threads = True

    def __init__(self, repository: str, files: dict[str, bytes], licence: str = "cc-by-nc-4.0") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repository, self.files, self.licence = repository, files, licence
        self.commit = COMMIT
        self.large = 1000
        self.cuts: dict[str, list[int]] = {}
        """File name -> positions at which the line is cut, one per request."""
        self.sent: Counter[str] = Counter()
        """Body bytes that were sent, by file."""
        self.requests: list[tuple[str, str, str]] = []
        self.tokens: list[str] = []
        self.lies: dict[str, bytes] = {}
        """File name -> bytes that are sent in place of the announced ones."""
        self.refuse: int | None = None
        self.storage: Hub | None = None
        """Another server that large files are redirected to."""
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def stop(self) -> None:
        if not self._thread.is_alive():
            return
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A cut line is not news."""


class _Handler(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        hub = self.server
        path = urlsplit(self.path).path
        hub.requests.append((self.command, path, self.headers.get("Range", "")))
        hub.tokens.append(self.headers.get("Authorization", ""))
        if hub.refuse is not None:
            self._plain(hub.refuse, {}, b"")
        elif path.startswith(f"/api/models/{hub.repository}/revision/"):
            self._info(path.rsplit("/", 1)[1])
        elif path.startswith(f"/{hub.repository}/resolve/{hub.commit}/"):
            name = path.rsplit("/", 1)[1]
            if name not in hub.files:
                self._plain(404, {"X-Error-Code": "EntryNotFound"}, b"")
            elif len(hub.files[name]) >= hub.large:
                data = hub.files[name]
                self._plain(302, {
                    "Location": f"{(hub.storage or hub).endpoint}/storage/{name}", "X-Repo-Commit": hub.commit,
                    "X-Linked-Size": str(len(data)), "X-Linked-ETag": f'"{hashlib.sha256(data).hexdigest()}"', "ETag": '"x"',
                }, b"")
            else:
                self._file(name, body)
        elif path.startswith("/storage/"):
            self._file(path.rsplit("/", 1)[1], body)
        else:
            self._plain(404, {"X-Error-Code": "RepoNotFound"}, b"")

    def _info(self, revision: str) -> None:
        hub = self.server
        if revision not in ("main", hub.commit):
            self._plain(404, {"X-Error-Code": "RevisionNotFound"}, b"")
            return
        siblings = []
        for name, data in hub.files.items():
            blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
            item: dict[str, object] = {"rfilename": name, "size": len(data), "blobId": blob}
            if len(data) >= hub.large:
                item["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}
            siblings.append(item)
        info = {
            "id": hub.repository, "modelId": hub.repository, "sha": hub.commit, "private": False, "tags": [], "downloads": 0, "likes": 0,
            "cardData": {"license": hub.licence}, "siblings": siblings,
        }
        self._plain(200, {"Content-Type": "application/json"}, json.dumps(info).encode())

    def _file(self, name: str, body: bool) -> None:
        hub = self.server
        data = hub.lies.get(name, hub.files[name])
        start = int(self.headers["Range"].removeprefix("bytes=").rstrip("-")) if self.headers.get("Range") else 0
        self.send_response(206 if start else 200)
        self.send_header("ETag", f'"{hashlib.sha1(data, usedforsecurity=False).hexdigest()}"')
        self.send_header("X-Repo-Commit", hub.commit)
        self.send_header("Content-Length", str(len(data) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        if not body:
            return
        cuts = hub.cuts.get(name, [])
        end = cuts.pop(0) if cuts else len(data)
        piece = data[start:end]
        hub.sent[name] += len(piece)  # before the client can act on it: a test may look at once
        self.wfile.write(piece)
        if end < len(data):
            self.close_connection = True

    def _plain(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
