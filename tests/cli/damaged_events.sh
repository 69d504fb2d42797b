# Bits flipped anywhere in the events or the kept files: an error or the true replay, never a crash.
# The cache is this test's own: a trace has links to the cache's images, which recordings beside it run.
export XDG_CACHE_HOME=$PWD/cache
$REPRISE record -o t sh -c 'echo one; ls / | head -3' > want
cat > flip.py <<'P'
import random, subprocess, os, sys
random.seed(7)
R = os.environ["REPRISE"]
def check(what, ok_same):
    p = subprocess.run([R, "replay", "-a", "t"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    if p.returncode == 125 and p.stderr.count(b"reprise:") >= 1: return
    if ok_same and p.returncode == 0 and p.stdout == open("want", "rb").read(): return
    sys.exit(f"{what}: status {p.returncode}\n{p.stderr.decode()}")
files = ["t/events"] + ["t/files/" + f for f in os.listdir("t/files")]
for f in files:
    whole = open(f, "rb").read()
    for i in range(25 if f == "t/events" else 3):
        at = random.randrange(len(whole)); d = bytearray(whole); d[at] ^= 1 << random.randrange(8)
        open(f, "wb").write(d); check(f"{f} flipped at {at}", False)
    for i in range(12 if f == "t/events" else 1):
        at = random.randrange(len(whole)); open(f, "wb").write(whole[:at]); check(f"{f} cut at {at}", False)
    open(f, "wb").write(whole)
check("whole again", True)
P
python3 flip.py
