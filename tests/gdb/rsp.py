"""A small client of gdb's remote serial protocol, for tests that gdb itself is too slow or too polite for."""
import os, re, select, signal, socket, subprocess, time


class Gone(Exception):
    """The server has closed the connection."""


class Client:
    """`reprise replay -s` on a trace, and a connection to it."""

    def __init__(self, reprise, trace, more=(), env=None, log=subprocess.DEVNULL, limit=60):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.server = subprocess.Popen([reprise, "replay", "-q", "-s", str(self.port), trace, *more], env=env,
                                       stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.sock, self.data = self.connect(limit), b""

    def connect(self, limit):
        end = time.time() + limit
        while True:
            try:
                s = socket.create_connection(("127.0.0.1", self.port), 5)
                s.settimeout(limit)
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return s
            except ConnectionRefusedError:
                if self.server.poll() is not None or time.time() > end:
                    raise Gone("the server does not listen")
                time.sleep(0.02)

    def send(self, body):
        if isinstance(body, str):
            body = body.encode()
        self.sock.sendall(b"$%s#%02x" % (body, sum(body) & 255))

    def receive(self, interrupt=None):
        """The next packet, acknowledged. If none comes for `interrupt` seconds, the server gets a Ctrl-C."""
        while True:
            m = re.search(rb"\$([^#]*)#..", self.data, re.S)
            if m:
                self.data = self.data[m.end():]
                self.sock.sendall(b"+")
                return re.sub(rb"\}(.)", lambda e: bytes([e[1][0] ^ 0x20]), m[1], flags=re.S).decode("latin-1")
            if interrupt and not select.select([self.sock], [], [], interrupt)[0]:
                self.sock.sendall(b"\3")
                interrupt = None
            try:
                more = self.sock.recv(65536)
            except ConnectionResetError:
                more = b""
            if not more:
                raise Gone("the server has gone")
            self.data += more

    def ask(self, body, interrupt=None):
        """A request, and its answer behind what the program or a breakpoint prints."""
        self.send(body)
        answer = self.receive(interrupt)
        while answer.startswith("O") and answer != "OK":
            answer = self.receive(interrupt)
        return answer

    def monitor(self, line):
        answer = self.ask("qRcmd," + line.encode().hex())
        return answer if answer == "OK" else bytes.fromhex(answer).decode().strip()

    def close(self):
        """Say goodbye; the server's status when it has ended."""
        try:
            self.sock.close()
            return self.server.wait(60)
        finally:
            if self.server.poll() is None:
                os.killpg(self.server.pid, signal.SIGKILL)
                self.server.wait()
