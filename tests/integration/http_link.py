"""A proxy between a browser and a guard, as it stands in front of one: it passes event streams on, and
a test lets it answer by itself, hold one reply back, or break streams.

    link = HttpLink(port)
    link.status = 503         # evaluations are answered so, and not passed on
    link.hold_next()          # the next whole reply to an evaluation waits until release()
"""
import http.client
import http.server
import socket
import threading

from harness import serve_on_loopback


class HttpLink:
    def __init__(self, port):
        self.port, self.status, self.headers = port, None, {}
        self.held = threading.Event()
        self._hold = threading.Lock()
        self._is_next_held = False
        self._released = threading.Event()
        self.asked = 0
        link = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                link._post(self, body)

            def do_OPTIONS(self):
                link._pass_on(self, b"")

            def do_GET(self):
                link._stream(self)

            def log_message(self, *_):
                pass

        self.server, self.url = serve_on_loopback(Handler)

    def hold_next(self):
        """The next evaluation's reply that has a body is fetched and held; `held` is set then."""
        self.held.clear()
        self._released.clear()
        self._is_next_held = True

    def release(self):
        self._released.set()

    def _post(self, handler, body):
        self.asked += 1
        if self.status is not None:
            content = b'{"errorDetails":"the proxy says so","metadata":{}}'
            handler.send_response(self.status)
            for name, value in {"Content-Type": "application/json",
                                "Content-Length": str(len(content)),
                                "Access-Control-Allow-Origin": handler.headers.get("Origin", "*"),
                                "Access-Control-Expose-Headers": "Retry-After, ETag",
                                **self.headers}.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(content)
            return
        self._pass_on(handler, body)

    def _ask(self, handler, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(handler.command, handler.path, body, dict(handler.headers))
        return connection, connection.getresponse()

    def _pass_on(self, handler, body):
        try:
            connection, reply = self._ask(handler, body)
            content = reply.read()
            connection.close()
        except (OSError, http.client.HTTPException):
            handler.close_connection = True
            return
        with self._hold:
            is_held = self._is_next_held and handler.command == "POST" and reply.status == 200
            self._is_next_held = self._is_next_held and not is_held
        if is_held:
            self.held.set()
            self._released.wait(60)
        handler.send_response(reply.status)
        for name, value in reply.getheaders():
            if name.lower() not in ("connection", "date", "server"):
                handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    def _stream(self, handler):
        handler.close_connection = True
        try:
            connection, reply = self._ask(handler, None)
            handler.send_response(reply.status)
            for name, value in reply.getheaders():
                if name.lower() not in ("date", "server"):
                    handler.send_header(name, value)
            handler.end_headers()
            while part := reply.read1(65536):
                handler.wfile.write(part)
                handler.wfile.flush()
        except (OSError, http.client.HTTPException):
            return
        try:
            handler.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
