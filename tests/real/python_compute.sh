# python3: threads that never block share the interpreter by its own timer.
exec /usr/bin/python3 - <<'P'
import threading
out = []; n = 0
def work(k):
    global n
    h = k
    for i in range(300000):
        h = (h * 31 + i) & 0xffffffff; n += 1
        if i % 50000 == 0: out.append(k)
    out.append((k, h))
ts = [threading.Thread(target=work, args=(k,)) for k in range(4)]
[t.start() for t in ts]; [t.join() for t in ts]; print(out, n)
P
