# Two replays of the same trace at the same time do not disturb each other.
record threads
cat > go.py <<'P'
import os, sys
sys.path.insert(0, os.environ["HERE"])
import rsp

a, b = (rsp.Client(os.environ["REPRISE"], os.environ["TMP"] + "/t") for _ in "ab")
first = a.monitor("when"), a.ask("g"), a.monitor("checksum")
assert first == (b.monitor("when"), b.ask("g"), b.monitor("checksum"))
a.monitor("seek 100%")
end = a.monitor("when"), a.monitor("checksum")
assert first == (b.monitor("when"), b.ask("g"), b.monitor("checksum")), "one moved the other"
for c in b, a:
    c.monitor("seek 100%")
    assert end == (c.monitor("when"), c.monitor("checksum"))
    c.monitor("begin")
assert a.close() == 0
assert first == (b.monitor("when"), b.ask("g"), b.monitor("checksum")), "the end of one disturbed the other"
b.monitor("seek 100%")
assert end == (b.monitor("when"), b.monitor("checksum"))
assert b.close() == 0
P
python3 -B go.py
