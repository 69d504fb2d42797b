# Backtraces of thirty threads end in their first functions, wherever a thread is; threads that have ended are gone, and are there
# again behind. (A thread that has not begun is behind the system call that made it, where gdb sees no caller, natively too.)
# program: crowd
break come
continue
python
import re
def stacks():
    said = gdb.execute("thread apply all backtrace", to_string=True)
    return sorted(s.strip() for s in re.split(r"\nThread \d+ ", "\n" + said)[1:])
def ends(s):
    begins = re.search(r"#0 .*clone3? \(", s)
    return bool(begins or re.search(r"clone3? \(|_start|main \(", s) and "?? ()" not in s)
try:
    gdb.execute("info address clone3", to_string=True)
except gdb.error: # libc has no symbols: no frame of it can be told from another
    ends = lambda s: s.count("#") > 0
first = stacks()
print("threads", len(first), "whole", all(map(ends, first)))
gdb.execute("tbreak pthread_join")
end
continue
python
print("the same", len(stacks()) <= 31, all(map(ends, stacks())))
gdb.execute("reverse-continue")
again = stacks()
print("again", again == first)
end
#> threads 31 whole True
#> the same True True
#> again True
