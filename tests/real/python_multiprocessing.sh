# Python processes that share memory, locks, queues and events; a parent that polls for their end.
set -e
cat > work.py <<'EOF'
import multiprocessing as mp, os
from multiprocessing import shared_memory
from concurrent.futures import ProcessPoolExecutor

def square(x):
    return x * x

def child(value, array, queue, event):
    with value.get_lock():
        value.value += 1
    for i in range(len(array)):
        with array.get_lock():
            array[i] += 1
    queue.put(os.getpid())
    event.wait()

if __name__ == '__main__':
    value, array, queue, event = mp.Value('i', 0), mp.Array('d', range(10)), mp.Queue(), mp.Event()
    kids = [mp.Process(target=child, args=(value, array, queue, event)) for _ in range(5)]
    for k in kids:
        k.start()
    print([queue.get() for _ in kids])
    event.set()
    polls = 0
    while any(k.is_alive() for k in kids):
        polls += 1
    for k in kids:
        k.join()
    print(polls, value.value, sum(array), [k.exitcode for k in kids])
    with mp.Pool(3) as pool:
        print(sum(pool.map(square, range(100))))
    shm = shared_memory.SharedMemory(create=True, size=4096)
    shm.buf[0] = 3
    shm.close()
    shm.unlink()
    with ProcessPoolExecutor(3) as pool:
        print(sum(pool.map(square, range(50))))
EOF
python3 work.py
