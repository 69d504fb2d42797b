"""Send generated packets to a server: hostile.py REPRISE TRACE NUMBER. The same ones each time."""
import os, random, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import rsp

NUMBERS = ["0", "1", "-1", "ff", "7fffffff", "80000000", "ffffffffffffffff", "8000000000000000", "10000000000000000", "",
           "401000", "7ffff000", "p0.0", "p-1.-1", "p1", "g", "00000000000000000000000000000000000000001"]
STARTS = ["qSupported", "QStartNoAckMode", "qAttached", "qfThreadInfo", "qsThreadInfo", "qXfer:features:read:target.xml:",
          "qXfer:auxv:read::", "qXfer:exec-file:read:", "qXfer:libraries-svr4:read::", "qXfer:siginfo:read::",
          "qXfer:threads:read::", "qXfer:nothing:read:x:", "qRcmd,", "qSymbol:", "qC", "qCRC:", "QCatchSyscalls:",
          "QPassSignals:", "QProgramSignals:", "vCont", "vCont;s:", "vCont;c:", "vCont;C", "vCont?", "vFile:open:", "vFile:close:",
          "vFile:pread:", "vFile:fstat:", "vFile:readlink:", "vFile:setfs:", "vFile:", "vKill;", "?", "Hg", "Hc", "H", "T",
          "g", "p", "G", "P", "m", "M", "X", "x", "Z0,", "Z1,", "Z2,", "Z3,", "Z4,", "Z9,", "z0,", "z2,", "qHostInfo",
          "qProcessInfo", "qProcessInfoPID:", "qThreadStopInfo", "qMemoryRegionInfo:", "QThreadSuffixSupported",
          "QListThreadsInStopReply", "qShlibInfoAddr", "jThreadsInfo", "!", "R", "vRun;", "vAttach;", "\0", ""]
SEPARATORS = [",", ";", ":", "=", ".", "-", ";X", ";cmds:", ";thread:", "", "*", "/"]
LINES = ["when", "seek ", "seek -1%", "seek 1e99%", "seek nan%", "seek 99999999999999999999", "seek 1.2.3:4+5@6", "restart 7",
         "restart -1", "delete checkpoint 0", "last-write 0 0", "last-write 1 18446744073709551615", "last-write x", "checkpoint",
         "checksum", "help", "", "processes", "info recording", "seek " + "9" * 600]


def any_packet(r):
    """Something like a packet."""
    kind = r.randrange(10)
    if kind == 0:
        return bytes(r.randrange(256) for _ in range(r.randrange(60)))
    if kind == 1:
        return b"qRcmd," + r.choice(LINES).encode().hex().encode()
    if kind == 2:
        return (r.choice(STARTS) + r.choice("0fz,") * r.choice([10, 1000, 40000])).encode()
    body = r.choice(STARTS)
    for _ in range(r.randrange(5)):
        body += r.choice(NUMBERS) + r.choice(SEPARATORS)
    data = bytearray(body.encode("latin-1"))
    if kind == 3 and data:
        data[r.randrange(len(data))] = r.randrange(256)
    return bytes(data)


def frame(r, body):
    """The bytes on the wire, which may be wrong as well."""
    for c in b"}#$*":
        body = body.replace(bytes([c]), b"}" + bytes([c ^ 0x20])) if r.randrange(4) else body
    checksum = sum(body) & 255
    kind = r.randrange(20)
    if kind == 0:
        return b"$%s#%02x" % (body, checksum ^ 1)
    if kind == 1:
        return b"$%s#zz" % body
    if kind == 2:
        return b"++--\3" + bytes(r.randrange(128, 256) for _ in range(9))
    return b"$%s#%02x" % (body, checksum)


class Marks:
    """Requests whose answers are known: with the answer the server is through with what came before."""

    def __init__(self, client):
        self.client, self.n = client, 0

    def pass_one(self):
        # The first may become a part of a packet that has no end.
        for _ in range(2):
            self.n += 1
            name = "mark-%d-%d" % (self.client.port, self.n)
            os.symlink("seen-" + name, name)
            self.client.send("vFile:readlink:" + os.path.abspath(name).encode().hex())
        while b"seen-" + name.encode() not in self.client.data:
            more = self.client.sock.recv(65536)
            if not more:
                raise rsp.Gone("the server has ended")
            self.client.data += more
        self.client.data = b""


def first_registers(c):
    """Those of the beginning. Nothing that was sent before makes a difference."""
    c.ask("QCatchSyscalls:0")
    c.monitor("begin")
    return c.ask("g")


def throw(reprise, trace, r, left):
    """Packets to one server, until it has ended or there were enough. How many are left to be sent."""
    c = rsp.Client(reprise, trace, limit=60)
    marks, sent, want = Marks(c), [], first_registers(c)
    try:
        while left:
            left -= 1
            sent.append(frame(r, any_packet(r)))
            c.sock.sendall(sent[-1])
            marks.pass_one()
            if left % 50 == 0 and first_registers(c) != want:
                sys.exit("the registers of the beginning are others after: %s" % sent[-50:])
    except (rsp.Gone, BrokenPipeError, ConnectionResetError):
        pass
    except TimeoutError:
        sys.exit("no answer behind %s" % [s[:200] for s in sent[-3:]])
    status = c.close()
    if status:
        sys.exit("the server's status is %d after %s; it said: %s" % (status, [s[:200] for s in sent[-3:]], c.listen_for("\0", 1)))
    return left


generator, left, servers = random.Random(20261124), int(sys.argv[3]), 0
while left:
    left = throw(sys.argv[1], sys.argv[2], generator, left)
    servers += 1
print("%d servers were needed" % servers)
