"""gdb commands for a recording: `reprise replay` lets gdb load this file. Each has its help in gdb, and
most are a `monitor` command of the server too, for other clients."""
import re

import gdb


def monitor(line):
    return gdb.execute("monitor " + line, to_string=True).strip()


def look_at(wanted):
    """Select the first thread that is wanted. Asking for threads makes gdb ask the server."""
    for i in gdb.inferiors():
        for t in i.threads():
            if wanted(t):
                t.switch()
                return


def meet():
    """gdb shall have the processes that the server says are debugged here: others leave it, and new ones are
    told of by a `continue` that does not move."""
    tid = monitor("task")
    here = [int(line.split()[0]) for line in monitor("processes").splitlines()]
    look_at(lambda t: t.ptid[0] in here)
    for i in gdb.inferiors():
        if i.pid and i.pid not in here:
            gdb.execute("detach inferiors %d" % i.num, to_string=True)
    while " new" in monitor("processes"):
        gdb.execute("continue", to_string=True)
    look_at(lambda t: str(t.ptid[1]) == tid)


def refresh():
    """The server is at another place: gdb forgets what it knows of registers, memory, frames and threads."""
    gdb.execute("maintenance flush register-cache", to_string=True)
    gdb.execute("maintenance flush dcache", to_string=True)
    meet()
    try:
        gdb.execute("sharedlibrary", to_string=True)
    except gdb.error:
        pass  # none is loaded there yet


def where():
    try:
        gdb.execute("frame")
    except gdb.error as e:
        print(e)


class Places:
    """Where the user has been, for `back` and `forward`."""
    been, at = [], -1

    @classmethod
    def note(cls):
        now = monitor("when")
        if cls.at < 0 or cls.been[cls.at] != now:
            cls.been[cls.at + 1:] = [now]
            cls.at += 1

    @classmethod
    def move(cls, by):
        cls.note()
        if not 0 <= cls.at + by < len(cls.been):
            raise gdb.GdbError("nothing is remembered in that direction")
        cls.at += by
        go("seek " + cls.been[cls.at])


def go(line):
    """A monitor command that moves the replay. Its answer is the position, or says what went wrong."""
    answer = monitor(line)
    refresh()
    print(answer)
    where()
    return answer


def travel(line):
    Places.note()
    answer = go(line)
    Places.note()
    return answer


COMMANDS = []


def command(name, kind=gdb.COMMAND_RUNNING):
    """The function becomes gdb command `name`; its docstring is the help."""
    def make(fn):
        def invoke(self, arg, tty):
            fn(arg.strip())
        cls = type("Reprise_" + name.replace(" ", "_").replace("-", "_"), (gdb.Command,),
                   {"__doc__": fn.__doc__, "invoke": invoke})
        COMMANDS.append(lambda: cls(name, kind))
        return fn
    return make


@command("when", gdb.COMMAND_STATUS)
def when(arg):
    """Show the position: EVENT[.CALLS][:TICKS] and how to get on from there. `seek` goes there again."""
    print("Completed event: " + monitor("when"))


@command("when-ticks", gdb.COMMAND_STATUS)
def when_ticks(arg):
    """Show how many safepoints the task has passed since the event."""
    print("Current tick: " + monitor("when-ticks"))


@command("when-tid", gdb.COMMAND_STATUS)
def when_tid(arg):
    """Show the recorded id of the task that gdb looks at."""
    print("Current tid: %d" % gdb.selected_thread().ptid[1])


@command("seek")
def seek(arg):
    """Go to a position, before or behind: seek POSITION, as `when` shows it; seek N%; seek SECONDSs, as
`elapsed-time` shows them."""
    if not arg:
        raise gdb.GdbError("seek wants a position, as `when` shows it, N%, or SECONDSs")
    travel("seek " + arg)


@command("seek-ticks")
def seek_ticks(arg):
    """Go to where the task has passed so many safepoints since the event: seek-ticks N."""
    event = re.match("[0-9]+", monitor("when"))[0]
    travel("seek %s:%s" % (event, arg))


@command("back")
def back(arg):
    """Go back to where you were before the last seek, restart, run, back or forward."""
    Places.move(-1)


@command("forward")
def forward(arg):
    """Undo `back`."""
    Places.move(1)


KEPT = {}  # number: what `info checkpoints` says of it


def place():
    try:
        frame = gdb.selected_frame()
        sal = frame.find_sal()
        at = "%s:%d" % (sal.symtab.filename, sal.line) if sal.symtab else "%#x" % frame.pc()
        return "%s at %s" % (frame.name() or "??", at)
    except gdb.error:
        return "??"


@command("checkpoint")
def checkpoint(arg):
    """Keep this place: `restart N` comes back to it at once. A text behind it is its name."""
    answer = monitor("checkpoint")
    words = answer.split()
    if len(words) != 2 or not words[1].isdigit():
        raise gdb.GdbError(answer)
    KEPT[int(words[1])] = (monitor("when"), arg or place())
    print("Checkpoint %s at %s" % (words[1], KEPT[int(words[1])][1]))


@command("restart")
def restart(arg):
    """Go to a checkpoint: restart N."""
    if not arg.isdigit():
        raise gdb.GdbError("restart wants the number of a checkpoint; info checkpoints lists them")
    travel("restart " + arg)


@command("delete checkpoint")
def delete_checkpoint(arg):
    """Forget a checkpoint: delete checkpoint N."""
    if not arg.isdigit() or int(arg) not in KEPT:
        raise gdb.GdbError("there is no checkpoint " + arg)
    monitor("delete checkpoint " + arg)
    del KEPT[int(arg)]


@command("info checkpoints", gdb.COMMAND_STATUS)
def info_checkpoints(arg):
    """List the checkpoints."""
    if not KEPT:
        print("No checkpoints.")
    for n in sorted(KEPT):
        print("%3d  %-24s %s" % (n, *KEPT[n]))


@command("run")
def run(arg):
    """Start again from the beginning, where all breakpoints stay: run. Go to an event: run EVENT."""
    Places.note()
    if arg:
        travel("seek " + arg)
        return
    monitor("begin")
    refresh()
    Places.note()
    gdb.execute("continue")


@command("start")
def start(arg):
    """Start again from the beginning, and stop at main."""
    gdb.execute("tbreak main")
    run("")


@command("elapsed-time", gdb.COMMAND_STATUS)
def elapsed_time(arg):
    """Show how much time of the recording has passed at this event."""
    print(monitor("elapsed-time"))


@command("info recording", gdb.COMMAND_STATUS)
def info_recording(arg):
    """Show what the recording is: its command, length and where one is in it."""
    print(monitor("info recording"))


for make in COMMANDS:
    make()
del make
