# catch syscall write on python3 stops at each of the writes that strace shows natively, no more and no fewer, at the call and at the
# return, forwards and backwards; in a library's thread too.
cat > program.py <<'PY'
import os, sys, threading, logging
logging.basicConfig(level=logging.INFO)
print("one", flush=True)
f = open("data", "wb", buffering=0)
for i in range(5):
    f.write(b"x" * (i + 1))
os.write(2, b"to standard error\n")
for i in range(3):
    t = threading.Thread(target=lambda: os.write(f.fileno(), b"thread %d" % i))
    t.start()
    t.join()
logging.info("seven")
r, w = os.pipe()
os.write(w, b"pipe")
null = open("/dev/null", "w")
null.write("null" * 3000)
null.close()
try:
    os.write(r, b"bad")
except OSError:
    pass
print("buffered")
print("until the end")
PY
run=(/usr/bin/python3 -I -B program.py)
strace -f -qq -e trace=write -e signal=none -o "$TMP/strace" "${run[@]}" > o1 2> o2
sed -nE 's/^[0-9]+ +write\(([0-9]+), .*, ([0-9]+)\) += (-?[0-9]+).*/\1 \2 \3/p' "$TMP/strace" > "$TMP/natively"
grep -c . "$TMP/strace" | grep -qx "$(grep -c . "$TMP/natively")"
"$REPRISE" record -o "$TMP/t" -- "${run[@]}" > o3 2> o4
cmp o1 o3; cmp o2 o4
more=-q debug 'catch syscall write' 'python
def walk(step):
    """Go on until history ends, and print where it stops."""
    before = None
    while before != (before := gdb.execute("when", to_string=True)):
        gdb.execute(step)
        print("stop", *(int(gdb.parse_and_eval("(long)$" + r)) for r in ("rdi", "rdx", "rax")))
walk("continue")
print("turn")
walk("reverse-continue")
print("turn")
walk("continue")
end'
# What stopped it, and the registers there; the ends of history are no catchpoints.
awk '/^turn/ { part++ } /^Catchpoint|hit Catchpoint/ { what = /call to/ ? "call" : "return" }
	/^stop/ { if (what) print what, $2, what == "call" ? $3 : $4 > "walk" part + 0; what = "" }' "$TMP/out"
cmp walk0 walk2
tac walk1 | cmp walk0
# Of each two lines one event: call FD LENGTH, return FD RESULT.
awk 'NR % 2 { ok = $1 == "call"; fd = $2; n = $3; next }
	{ print fd, n, ok && $1 == "return" && $2 == fd ? ($3 < 0 ? -1 : $3) : "no pair" }' walk0 > forwards
diff "$TMP/natively" forwards
