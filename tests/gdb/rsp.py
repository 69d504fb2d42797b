"""A small client of gdb's remote serial protocol, for tests that gdb itself is too slow or too polite for."""
import os, re, select, signal, socket, subprocess, time


class Gone(Exception):
    """The server has closed the connection."""


class Client:
    """`reprise replay -s` on a trace, and a connection to it."""

    def __init__(self, reprise, trace, more=(), env=None, log=subprocess.DEVNULL, limit=60):
        self.server = subprocess.Popen([reprise, "replay", "-q", "-s", "0", *more, trace], env=env, bufsize=0,
                                       stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.PIPE, start_new_session=True)
        self.said, self.data = "", b""
        m = re.search(r"waiting for a debugger.* 127.0.0.1:(\d+)", self.listen_for("waiting", limit))
        if not m:
            raise Gone("the server does not listen: " + self.said)
        self.port = int(m[1])
        self.sock = self.connect(limit)

    def listen_for(self, word, limit=60):
        """What the server has said on its standard error, until it says this, or ends."""
        end = time.time() + limit
        while word not in self.said and select.select([self.server.stderr], [], [], max(0, end - time.time()))[0]:
            more = os.read(self.server.stderr.fileno(), 65536)
            if not more:
                break
            self.said += more.decode(errors="replace")
        return self.said

    def connect(self, limit=60):
        s = socket.create_connection(("127.0.0.1", self.port), limit)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return s

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
