"""An endpoint on this machine, which answers as a test tells it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """One request; ``body`` is its JSON. Answers are written with `send_json` and `send_events`."""

    protocol_version = "HTTP/1.1"
    server: Endpoint

    def do_POST(self) -> None:
        self.body: Any = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(self)
        answers = self.server.answers
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        answer(self)

    def send_json(self, status: int, answer: Any, **headers: str) -> None:
        self.send_text(status, json.dumps(answer), "application/json", **headers)

    def send_text(self, status: int, text: str, kind: str, **headers: str) -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def begin_events(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def send_event(self, data: str) -> None:
        self._chunk(f"data: {data}\n\n".encode())

    def end_events(self) -> None:
        self._chunk(b"")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class Endpoint(ThreadingHTTPServer):
    """Gives its answers one after the other, the last one again and again."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer] = [self.says("Hello", " there.")]
        self.requests: list[Handler] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client may hang up."""

    @staticmethod
    def piece(text: str | None, finish_reason: str | None = None) -> str:
        """A chunk of a completion."""
        delta = {} if text is None else {"content": text}
        return json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}]})

    @staticmethod
    def events(*data: str, in_full: bool = True) -> Answer:
        """An answer of these events; or one that is cut off behind them."""

        def answer(handler: Handler) -> None:
            handler.begin_events()
            for one in data:
                handler.send_event(one)
            if in_full:
                handler.end_events()
            else:
                handler.close_connection = True

        return answer

    @classmethod
    def says(cls, *texts: str) -> Answer:
        """An answer as a good endpoint gives it."""
        role = json.dumps({"choices": [{"index": 0, "delta": {"role": "assistant", "content": None}}]})
        usage = json.dumps({"choices": [], "usage": {"total_tokens": 9}})
        return cls.events(role, *map(cls.piece, texts), cls.piece(None, "stop"), usage, "[DONE]")

    @staticmethod
    def refuses(status: int, message: str, **headers: str) -> Answer:
        """An error as endpoints give it."""
        return lambda handler: handler.send_json(status, {"error": {"message": message}}, **headers)


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Endpoint() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
