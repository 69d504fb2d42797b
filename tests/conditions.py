"""What tests are given instead of what whoever starts tests/run happens to have: a script in the
background ignores SIGINT, a login shell has a locale, a service a low limit of descriptors."""
import os, pwd, resource, signal

ENVIRONMENT = {"LANG": "C.UTF-8", "TZ": "UTC", "TERM": "dumb", "SHELL": "/bin/sh"}
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
NONE = resource.RLIM_INFINITY
# Soft limits; a lower hard limit stays.
LIMITS = {
    "NOFILE": 1024, "STACK": 8 << 20, "CORE": 0, "MEMLOCK": 8 << 20, "AS": NONE, "CPU": NONE, "DATA": NONE,
    "FSIZE": NONE, "RSS": NONE, "NPROC": NONE,
}


def lower(a, b):
    return b if a == NONE else a if b == NONE else min(a, b)


def take(home):
    """Change this process so that the commands it starts inherit the conditions above. Call it before
    threads are made. A signal that Python handles is at its default again after exec."""
    for s in signal.valid_signals():
        if signal.getsignal(s) == signal.SIG_IGN and s not in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(s, signal.default_int_handler if s == signal.SIGINT else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for name, soft in LIMITS.items():
        which = getattr(resource, "RLIMIT_" + name)
        hard = resource.getrlimit(which)[1]
        resource.setrlimit(which, (lower(soft, hard), hard))
    os.umask(0o022)
    os.makedirs(home, exist_ok=True)
    more = [d for d in os.environ.get("PATH", "").split(":") if d and d not in PATH.split(":")]
    os.environ.clear()
    user = pwd.getpwuid(os.getuid()).pw_name
    os.environ.update(ENVIRONMENT, PATH=":".join([PATH] + more), HOME=str(home), USER=user, LOGNAME=user)
