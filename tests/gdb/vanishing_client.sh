# A client that vanishes ends the server, at once, with nothing left behind: between packets, in the middle of one, in a continue,
# in a search backwards, in a seek; also when it has sent something that it did not wait for.
cat > "$TMP/spin.c" <<'C'
volatile long other, counter;
int main(void)
{
	while (counter < 400000000)
		counter++;
	return 0;
}
C
cc -O1 -g -no-pie "$TMP/spin.c" -o "$TMP/spin"
"$REPRISE" record -o "$TMP/t" "$TMP/spin"
other=$(nm "$TMP/spin" | sed -n 's/^0*\([0-9a-f]*\) . other$/\1/p')
cat > go.py <<'P'
import os, socket, struct, sys, time
sys.path.insert(0, os.environ["HERE"])
import rsp


def family(pid):
    """The process and all that come from it."""
    out = [pid]
    for p in out:
        try:
            out += map(int, open("/proc/%d/task/%d/children" % (p, p)).read().split())
        except OSError:
            pass
    return out


def busy(c):
    """Wait until there is progress."""
    def ticks():
        out = 0
        for pid in family(c.server.pid):
            try:
                out += sum(map(int, open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()[11:13]))
            except OSError:
                pass
        return out
    was, end = ticks(), time.time() + 60
    while ticks() < was + 10:
        assert time.time() < end, "nothing runs"
        time.sleep(0.02)


def vanish(name, *steps, hard=False):
    c = rsp.Client(os.environ["REPRISE"], os.environ["TMP"] + "/t")
    c.ask("qSupported:multiprocess+;swbreak+")
    for s in steps:
        s(c)
    if hard:
        c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    tasks = family(c.server.pid)
    status = c.close()
    left = [p for p in tasks if os.path.exists("/proc/%d" % p)]
    if status or left:
        sys.exit("%s: status %d, left %s" % (name, status, left))
    print(name, "is over")


raw = lambda data: lambda c: c.sock.sendall(data)
send = lambda body: lambda c: c.send(body)
ask = lambda body: lambda c: c.ask(body)
end = ask("qRcmd," + b"seek 100%".hex())
vanish("between packets")
vanish("reset", hard=True)
vanish("in a packet", raw(b"$m7fff"))
vanish("before the checksum", raw(b"$g#"))
vanish("in a continue", send("vCont;c"), busy)
vanish("in a continue, reset", send("vCont;c"), busy, hard=True)
vanish("in a continue, more was sent", send("vCont;c"), busy, raw(b"+$g#67"))
vanish("in a search backwards", end, ask("Z2,%s,8" % sys.argv[1]), send("bc"), busy)
vanish("in a seek", send("qRcmd," + b"seek 100%".hex()), busy)
vanish("in a diversion", ask("P0=0123456789abcdef"))
P
python3 -B go.py "$other"
