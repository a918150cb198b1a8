"""A TCP link between a client and a server, which a test makes late or cuts within a reply.

    link = SlowLink(port)
    link.delay = 0.3          # every reply comes that much later
    link.behaviour = "half"   # header and half the body, then silence
"""
import socket
import threading
import time


class SlowLink:
    """`behaviour` is 'pass' or 'half'. `delay` holds each part of a reply back for so many seconds;
    while `is_held` is set, replies wait until it is not."""

    def __init__(self, port):
        self.target = ("127.0.0.1", port)
        self.behaviour, self.delay = "pass", 0.0
        self.is_open = threading.Event()
        self.is_open.set()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def hold(self):
        self.is_open.clear()

    def release(self):
        self.is_open.set()

    def _accept(self):
        while True:
            client, _ = self.listener.accept()
            try:
                server = socket.create_connection(self.target, timeout=10)
                server.settimeout(None)
            except OSError:
                client.close()  # As if it had been refused.
                continue
            for ends in [(client, server, False), (server, client, True)]:
                threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, source, sink, is_reply):
        try:
            while part := source.recv(65536):
                if is_reply and not self._is_carried_whole(part, sink):
                    continue
                sink.sendall(part)
        except OSError:
            pass  # One end is gone: so is the other.
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _is_carried_whole(self, part, sink):
        time.sleep(self.delay)
        self.is_open.wait()
        if self.behaviour == "pass":
            return True
        header = part.find(b"\r\n\r\n") + 4
        sink.sendall(part[:header + (len(part) - header) // 2])
        return False
