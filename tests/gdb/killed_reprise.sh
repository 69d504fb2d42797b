# A signal that ends reprise while it debugs (at gdb's prompt, in a continue) ends gdb and the replay too:
# no process stays, and nothing in /tmp.
record spin
cat > "$TMP/go.py" <<'P'
import glob, os, re, select, signal, subprocess, sys, time

reprise, trace = sys.argv[1:]


def family(pid):
    """The process and all that come from it: {pid: when it began}."""
    out, ids = {}, [pid]
    for p in ids:
        try:
            out[p] = open("/proc/%d/stat" % p).read().rsplit(")", 1)[1].split()[19]
            ids += map(int, open("/proc/%d/task/%d/children" % (p, p)).read().split())
        except OSError:
            pass
    return out


def there(tasks):
    """Those that are there still, and are not just waited for."""
    out = []
    for p, began in tasks.items():
        try:
            fields = open("/proc/%d/stat" % p).read().rsplit(")", 1)[1].split()
            if fields[19] == began and fields[0] != "Z":
                out.append(open("/proc/%d/comm" % p).read().strip())
        except OSError:
            pass
    return out


def used(tasks):
    """Clock ticks of CPU time."""
    n = 0
    for p in tasks:
        try:
            n += sum(map(int, open("/proc/%d/stat" % p).read().rsplit(")", 1)[1].split()[11:13]))
        except OSError:
            pass
    return n


def wait_for(what, name):
    end = time.time() + 60
    while not what():
        if time.time() > end:
            sys.exit(name)
        time.sleep(0.05)


class Debugger:
    def __init__(self):
        self.p = subprocess.Popen([reprise, "replay", trace, "--", "-nx", "-ex", "set pagination off"], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0)
        self.said, self.n = "", 0

    def do(self, line):
        """A command, until it is done."""
        self.n += 1
        mark = "@done%d@" % self.n
        self.p.stdin.write(("%s\necho %s\\n\n" % (line, mark)).encode())
        while mark not in self.said:
            if not select.select([self.p.stdout], [], [], 60)[0]:
                sys.exit("no end of %s in %s" % (line, self.said))
            more = os.read(self.p.stdout.fileno(), 4096).decode(errors="replace")
            if not more:
                sys.exit("it ended in %s: %s" % (line, self.said))
            self.said += more

    def begin(self, line):
        """A command that takes long, until something runs."""
        was = used(family(self.p.pid))
        self.p.stdin.write((line + "\n").encode())
        wait_for(lambda: used(family(self.p.pid)) > was + 10, "nothing runs in " + line)


before = glob.glob("/tmp/reprise-gdb-*")
for sig in signal.SIGTERM, signal.SIGHUP, signal.SIGKILL:
    for doing in "nothing", "continue":
        d = Debugger()
        d.do("when")
        if doing != "nothing":
            d.begin(doing)
        tasks = family(d.p.pid)
        assert len(tasks) >= 3, tasks
        os.kill(d.p.pid, sig)
        d.p.wait()
        wait_for(lambda: not there(tasks), "%s in %s: left behind: %s" % (sig.name, doing, there(tasks)))
        print(sig.name, doing, "status", d.p.returncode)
left = [f for f in glob.glob("/tmp/reprise-gdb-*") if f not in before]
wait_for(lambda: not any(map(os.path.exists, left)), "left in /tmp: %s" % left)
P
python3 -W ignore "$TMP/go.py" "$REPRISE" "$TMP/t"
