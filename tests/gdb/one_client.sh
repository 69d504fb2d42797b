# One client at a time: a second one is refused while the first is there. The server ends with its client; with -k
# the next one begins at the start again.
record calls
cat > go.py <<'P'
import os, sys
sys.path.insert(0, os.environ["HERE"])
import rsp

reprise, trace = os.environ["REPRISE"], os.environ["TMP"] + "/t"


def refused(c):
    try:
        c.connect().close()
    except ConnectionRefusedError:
        return True


c = rsp.Client(reprise, trace)
c.ask("qSupported")
assert refused(c), "a second client was not refused"
assert c.ask("qC").startswith("QC"), "the second client disturbed the first"
assert c.close() == 0 and refused(c)

c = rsp.Client(reprise, trace, more=["-k"])
first, begin = c.ask("?"), c.monitor("when")
c.monitor("seek 100%")
assert refused(c)
for how in "vanishes", "detaches", "kills":
    c.said = ""
    if how == "detaches":
        assert c.ask("D") == "OK"
    elif how == "kills":
        c.send("k")
    c.sock.close()
    c.listen_for("waiting")
    c.sock, c.data = c.connect(), b""
    assert (c.ask("?"), c.monitor("when")) == (first, begin), "the next client is elsewhere, after one that " + how
    c.monitor("seek 100%")
c.server.terminate()
assert c.server.wait(60) == -15
P
python3 -B go.py
