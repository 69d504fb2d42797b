# python3: threads and subprocess.
exec /usr/bin/python3 - <<'EOF'
import threading, subprocess, os, queue, time, random, hashlib, concurrent.futures
q = queue.Queue()
def worker(n):
    for i in range(100):
        q.put((n, i, time.monotonic()))
        if i % 10 == 0: time.sleep(0.0005)
ts = [threading.Thread(target=worker, args=(i,)) for i in range(5)]
for t in ts: t.start()
for t in ts: t.join()
print(q.qsize(), hashlib.sha1(repr([q.get()[:2] for _ in range(500)]).encode()).hexdigest())
print(subprocess.run(["sh", "-c", "cat; echo $$"], input=b"stdin\n", stdout=subprocess.PIPE).stdout)
p = subprocess.Popen(["sleep", "10"]); p.terminate(); print(p.wait())
with concurrent.futures.ThreadPoolExecutor(4) as ex:
    print(sum(ex.map(lambda x: x * x, range(200))))
print(random.random(), os.getpid(), time.time())
pid = os.fork()
if pid == 0: os._exit(9)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
EOF
