# ^C at the terminal of a recording is the command's alone.
cat > drive.py <<'PY'
import os, pty, sys
pid, fd = pty.fork()
if not pid:
    os.execvp(sys.argv[1], sys.argv[1:])
seen = b""
def until(word):
    global seen
    while word not in seen:
        seen += os.read(fd, 1000)
until(b"ready")
os.write(fd, b"\x03")
until(b"caught")
os.write(fd, b"line\n")
until(b"got line")
try:
    while os.read(fd, 1000):
        pass
except OSError:
    pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
# It waits for the signal: one that came before a read would not end the read.
cat > command.py <<'PY'
import signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
print("ready", flush=True)
if signal.sigwait([signal.SIGINT]) == signal.SIGINT:
    print("caught", flush=True)
print("got", sys.stdin.readline().strip(), flush=True)
sys.exit(5)
PY
set +e
timeout -k 2 60 python3 drive.py $REPRISE record -o t python3 command.py
[ $? = 5 ] || exit 1
$REPRISE replay -a t > out; [ $? = 5 ] && grep -q 'got line' out
