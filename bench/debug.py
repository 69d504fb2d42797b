#!/usr/bin/env python3
"""What a debugger waits for: a client of gdb's remote protocol asks the server, so gdb's own time does not count.
Native times and those of replay -a are measured in the same run."""
import argparse, json, os, pathlib, shutil, socket, statistics, subprocess, sys, tempfile, time

# work(n) takes about a second for the n that prepare() finds.
PROGRAM = r"""
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
volatile unsigned h; unsigned *block; size_t words;
__attribute__((aligned(4096))) volatile unsigned seldom[1024]; /* nothing else is on its page */
__attribute__((noinline)) void early(void) { h++; seldom[8]++; }
__attribute__((noinline)) void late(void) { h++; }
__attribute__((noinline)) void leaf(unsigned i) { h = h * 31 + i; if (words) block[(h * 64) % words] += i; }
__attribute__((noinline)) void work(long n) { for (long i = 0; i < n; i++) { leaf((unsigned)i); if (i % (n / 50 + 1) == 0) kill(getpid(), SIGUSR1); } }
static void on(int sig) { h += sig; }
int main(int argc, char **argv)
{
	long n = atol(argv[1]); int seconds = atoi(argv[2]);
	signal(SIGUSR1, on);
	words = (size_t)atol(argv[3]) << 18; long calls = atol(argv[4]);
	if (words) memset(block = malloc(words * 4), 1, words * 4);
	for (int i = 0; i < seconds; i++) { if (i == seconds - 1) early(); work(n); }
	for (long i = 0; i < calls; i++) syscall(SYS_getppid);
	late();
	printf("%u\n", h);
	return 0;
}
"""


class Client:
    """A debugger without a user interface."""

    def __init__(self, bin, trace):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        self.server = subprocess.Popen([bin, "replay", "-q", "-s", str(port), trace], stderr=subprocess.DEVNULL)
        self.buf = b""
        for _ in range(1000):
            try:
                self.sock = socket.create_connection(("127.0.0.1", port))
                break
            except OSError:
                time.sleep(0.005)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.ask("qSupported:multiprocess+;swbreak+;exec-events+")
        self.ask("QStartNoAckMode")
        self.ask("QPassSignals:1e")  # gdb's number of SIGUSR1
        self.stop = self.ask("?")

    def send(self, text):
        self.sock.sendall(b"$%s#%02x" % (text.encode(), sum(text.encode()) & 255))

    def receive(self):
        while True:
            start = self.buf.find(b"$")
            end = self.buf.find(b"#", start)
            if start >= 0 and end >= 0 and len(self.buf) >= end + 3:
                text = self.buf[start + 1 : end].decode("latin1")
                self.buf = self.buf[end + 3 :]
                if not (text.startswith("O") and text != "OK"):
                    return text
                continue
            data = self.sock.recv(65536)
            if not data:
                sys.exit("the server has gone")
            self.buf += data

    def ask(self, text):
        self.send(text)
        return self.receive()

    def timed(self, text):
        start = time.monotonic()
        reply = self.ask(text)
        return time.monotonic() - start, reply

    def monitor(self, text):
        secs, reply = self.timed("qRcmd," + text.encode().hex())
        return secs, bytes.fromhex(reply).decode() if reply != "OK" else reply

    def at(self, addr):
        """Is the last stop at this address? Register 10 is rip."""
        return int.from_bytes(bytes.fromhex(self.ask("p10")), "little") == addr

    def bytes(self):
        """Memory of the replayed tasks and their checkpoints, each page counted once."""
        sum, todo = 0, [self.server.pid]
        while todo:
            pid = todo.pop()
            for path in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                todo += map(int, path.read_text().split())
            if pid != self.server.pid:
                for line in open(f"/proc/{pid}/smaps_rollup"):
                    if line.startswith("Pss:"):
                        sum += int(line.split()[1]) << 10
        return sum

    def close(self):
        self.sock.close()
        self.server.wait()


def wall(argv):
    start = time.monotonic()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - start


class Bench:
    def __init__(self, bin, d, seconds, as_json):
        self.bin, self.d, self.seconds, self.json = bin, d, seconds, as_json
        (d / "debuggee.c").write_text(PROGRAM)
        self.program = d / "debuggee"
        subprocess.run(["cc", "-O1", "-no-pie", d / "debuggee.c", "-o", self.program], check=True)
        nm = subprocess.run(["nm", self.program], capture_output=True, text=True, check=True).stdout
        self.symbols = {p[-1]: int(p[0], 16) for p in (line.split() for line in nm.splitlines()) if len(p) == 3}
        base = wall([self.program, "0", "0", "0", "0"])
        self.n = int(20000000 / (wall([self.program, "20000000", "1", "0", "0"]) - base))

    def record(self, name, *args):
        t = self.d / name
        subprocess.run([self.bin, "record", "-o", t, self.program, *map(str, args)], check=True, stdout=subprocess.DEVNULL)
        return t

    def row(self, what, value, bar, unit="s"):
        if self.json:
            print(json.dumps({"workload": "debugger: " + what, "value": value, "bar": bar, "unit": unit}), flush=True)
        else:
            print(f"{what:58} {value:9.3f} {unit:3}  at most {bar} {unit}", flush=True)

    def attaching(self, what, t, bar):
        times = []
        for _ in range(5):
            start = time.monotonic()
            Client(self.bin, t).close()
            times.append(time.monotonic() - start)
        self.row(f"attach and first stop, {what} (and leave)", statistics.median(times), bar)

    def attach(self):
        self.attaching("small program", self.record("small", 0, 0, 0, 0), 0.4)

    def chromium(self):
        if not shutil.which("chromium"):
            print("attach to chromium: it is not installed")
            return
        t, page = self.d / "browser", pathlib.Path(__file__).parent.parent / "tests/real/browser.html"
        argv = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={self.d}/profile", "--dump-dom"]
        subprocess.run([self.bin, "record", "-o", t, *argv, f"file://{page.resolve()}"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.attaching("chromium", t, 2)

    def continuing(self, t):
        alone = wall([self.bin, "replay", "-aq", t])
        c = Client(self.bin, t)
        secs, _ = c.timed("c")
        c.close()
        self.row("continue to the end, against replay -a", secs / alone, 1.1, "x")

    def backwards(self, t):
        c = Client(self.bin, t)
        early, late = self.symbols["early"], self.symbols["late"]
        c.ask(f"Z0,{late:x},1")
        c.ask("c")
        assert c.at(late), "the program does not come to late()"
        steps = [c.timed("bs")[0] for _ in range(200)]
        self.row("reverse-stepi, the first one", steps[0] * 1e3, 200, "ms")
        self.row("reverse-stepi, median", statistics.median(steps) * 1e3, 20, "ms")
        self.row("reverse-stepi, 99th of 100", sorted(steps)[int(len(steps) * 0.99)] * 1e3, 200, "ms")
        nexts = [sum(steps[i : i + 6]) for i in range(0, len(steps) - 6, 6)]
        self.row("reverse-next of a line of 6 instructions, median", statistics.median(nexts) * 1e3, 100, "ms")
        c.ask(f"Z0,{early:x},1")
        for when, bar in ("first time", 3), ("again", 0.5):
            secs, _ = c.timed("bc")
            assert c.at(early), "reverse-continue does not lead to early()"
            self.row(f"reverse-continue to a breakpoint 1 s ago, {when}", secs, bar)
            c.ask("c")
            assert c.at(late)
        c.close()

    def condition(self):
        """leaf() is called a million times; a condition on its argument, by gdb's bytecode: $rdi & 0xffffffff == -1."""
        t = self.record("million", 1000000, 1, 0, 0)
        c = Client(self.bin, t)
        said = c.ask(f"Z0,{self.symbols['leaf']:x},1;X10,26000524ffffffff0f24ffffffff1327")
        assert said == "OK", said
        c.ask(f"Z0,{self.symbols['late']:x},1")
        secs, _ = c.timed("c")
        assert c.at(self.symbols["late"]), "the condition is not false"
        self.row("a conditional breakpoint that is false 1 million times", secs, 10)
        c.close()

    def watching(self, t):
        c = Client(self.bin, t)
        late, seldom = self.symbols["late"], self.symbols["seldom"] + 32
        c.ask(f"Z0,{late:x},1")
        c.ask("c")
        c.ask(f"z0,{late:x},1")
        c.ask(f"Z2,{seldom:x},4")
        secs, reply = c.timed("bc")
        assert "watch:" in reply, reply
        self.row("watchpoint backwards over 1 s", secs, 4)
        c.ask(f"z2,{seldom:x},4")
        c.ask(f"Z0,{late:x},1")
        c.ask("c")
        assert c.at(late)
        secs, said = c.monitor(f"last-write {seldom} 4")
        assert "not" not in said, said
        self.row("last-write of what was written 1 s ago", secs, 4)
        c.close()

    def seeking(self, t):
        alone = wall([self.bin, "replay", "-aq", t])
        c = Client(self.bin, t)
        secs, said = c.monitor("seek 50%")
        self.row("seek to 50 %, first time, against replay of that half", secs / (alone / 2), 1.1, "x")
        c.timed("c")
        secs, again = c.monitor("seek 50%")
        assert said == again, (said, again)
        self.row("seek to 50 %, again, from the end", secs, 0.5)
        c.close()

    def catching(self):
        t = self.record("calls", 0, 0, 0, 1000000)
        alone = wall([self.bin, "replay", "-aq", t])
        c = Client(self.bin, t)
        c.ask("QCatchSyscalls:1;a5")  # mount
        secs, _ = c.timed("c")
        c.close()
        self.row("catch syscall, 1 million others, against replay -a", secs / alone, 1.5, "x")

    def memory(self):
        base = wall([self.program, "0", "0", "200", "0"])
        n = int(self.n / 10 / (wall([self.program, str(self.n // 10), "1", "200", "0"]) - base))
        t = self.record("large", n, self.seconds, 200, 0)
        c = Client(self.bin, t)
        c.timed("c")
        self.row(f"checkpoints of {self.seconds} s of a 200 MB process", (c.bytes() - (200 << 20)) / 1e9, 1, "GB")
        c.close()


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--build", default="build")
    ap.add_argument("--seconds", type=int, default=10, help="native length of the recordings")
    ap.add_argument("--only", default="", help="a part: attach, continuing, backwards, condition, ...")
    ap.add_argument("--json", action="store_true")
    a = ap.parse_args()
    d = pathlib.Path(tempfile.mkdtemp(prefix="reprise-bench-"))
    try:
        b = Bench(pathlib.Path(a.build).resolve() / "reprise", d, max(2, a.seconds), a.json)
        t = b.record("long", b.n, b.seconds, 0, 0)
        parts = [b.attach, b.chromium, b.continuing, b.backwards, b.condition, b.watching, b.seeking, b.catching, b.memory]
        for part in parts:
            if a.only in ("", part.__name__):
                part(*([t] if part.__code__.co_argcount == 2 else []))
    finally:
        shutil.rmtree(d, ignore_errors=True)


main()
