# What takes long shows on a terminal how far it is, and ^C stops it: a continue, a seek, a search backwards, a replay without
# gdb.
# Where standard error is no terminal nothing of it appears.
record spin
cat > "$TMP/drive.py" <<'PY'
import os, pty, re, select, sys

def start(argv):
    pid, fd = pty.fork()
    if not pid:
        os.environ["TERM"] = "dumb"
        os.execv(argv[0], argv)
    return fd

def wait_for(fd, pattern):
    """What appears until the pattern does."""
    said = ""
    while not re.search(pattern, said):
        if not select.select([fd], [], [], 90)[0]:
            sys.exit("no %r in %r" % (pattern, said))
        try:
            said += os.read(fd, 4096).decode(errors="replace")
        except OSError:
            sys.exit("it ended, without %r in %r" % (pattern, said))
    return said

def do(fd, line, pattern="\\(gdb\\) $"):
    os.write(fd, (line + "\n").encode())
    return wait_for(fd, pattern)

reprise, trace, line = sys.argv[1:]
BAR = r"\[#* *\] \d+ % "
GONE = r"\r {60,}\r"
fd = start([reprise, "replay", trace, "--", "-nx", "-iex", "set pagination off", "-iex", "set style enabled off"])
wait_for(fd, "\\(gdb\\) $")
do(fd, "continue", "replaying " + BAR)
os.write(fd, b"\x03")
wait_for(fd, GONE + r"(.|\n)*received signal SIGINT(.|\n)*\(gdb\) $")
do(fd, "seek 0%")
do(fd, "seek 100%", "replaying " + BAR)
os.write(fd, b"\x03")
wait_for(fd, GONE + r"(.|\n)*\(gdb\) $")
assert "!exit" not in do(fd, "when"), "the seek was not stopped"
said = do(fd, "seek 100%")
assert re.search(r"replaying " + BAR + r"(.|\n)*[\r\n]\d+!exit", said), said
do(fd, "break spin.c:%s if parts == 77" % line)
do(fd, "reverse-continue", "searching backwards " + BAR)
os.write(fd, b"\x03")
wait_for(fd, GONE + r"(.|\n)*\(gdb\) $")
assert "!exit" in do(fd, "when"), "an interrupted search ends where it began"
do(fd, "last-write parts if parts == 77", "searching backwards " + BAR)
os.write(fd, b"\x03")
wait_for(fd, GONE + r"(.|\n)*\(gdb\) $")
assert "!exit" in do(fd, "when"), "an interrupted search ends where it began"
os.write(fd, b"quit\n")
while True:
    try:
        if not os.read(fd, 4096):
            break
    except OSError:
        break
fd = start([reprise, "replay", "-a", trace])
wait_for(fd, "replaying " + BAR + GONE + r"20 parts")
PY
python3 -W ignore "$TMP/drive.py" "$REPRISE" "$TMP/t" "$(grep -n 'parts++' "$HERE/spin.c" | cut -d: -f1)"
debug 'seek 100%' 'last-write result'
want 'New value = '
refuse 'replaying|searching backwards'
