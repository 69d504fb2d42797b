# A place that was come to as the n-th write to a page is not come to once more for a breakpoint that is set there then. (gdb
# steps over such a breakpoint without it; other clients do not.)
record watches
python3 - "$REPRISE" "$TMP/t" "$HERE" <<'END'
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[3])
import rsp
c = rsp.Client(sys.argv[1], sys.argv[2])
c.ask("QStartNoAckMode")
c.sock.sendall(b"+")
c.ask("qSupported:multiprocess+;swbreak+;hwbreak+")
c.ask("?")
sp = int.from_bytes(bytes.fromhex(c.ask("g")[112:128]), "little")
watch = f"2,{sp - 8:x},8"
c.ask("Z" + watch)
c.ask("c")  # behind a call
c.ask("z" + watch)
c.ask("bs")
was = c.monitor("when")
rip = int.from_bytes(bytes.fromhex(c.ask("g")[256:272]), "little")
c.ask(f"Z0,{rip:x},1")
c.ask("s")
c.ask("bs")
now = c.monitor("when")
c.close()
sys.exit(None if "=" in was and now == was else f"at {was}, then at {now}")
END
