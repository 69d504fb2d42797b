# A packet that is longer than the server takes is refused, with and without acknowledgements: it is never obeyed as far as it was
# taken.
record calls
cat > go.py <<'P'
import os, sys
sys.path.insert(0, os.environ["HERE"])
import rsp

c = rsp.Client(os.environ["REPRISE"], os.environ["TMP"] + "/t")
most = int(c.ask("qSupported").split("PacketSize=")[1].split(";")[0], 16)
seek = "qRcmd," + b"seek 100%".hex()
begin = c.monitor("when")
for mode in "acknowledged", "not acknowledged":
    for pad in most + 1, 3 * most:
        answer = c.ask(seek + "00" * ((pad - len(seek)) // 2 + 1))
        assert answer.startswith("E"), (mode, answer[:80])
        assert c.monitor("when") == begin, mode + ": the beginning of a packet was obeyed"
    whole = "vFile:readlink:" + "2f" * ((most - 15) // 2)
    assert c.ask(whole).startswith("F-1"), mode + ": one that is just short enough is not taken"
    assert c.ask("QStartNoAckMode") == "OK"
assert c.close() == 0
P
python3 -B go.py
