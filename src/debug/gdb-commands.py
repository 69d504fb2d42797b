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


def moved(line):
    """A monitor command that may move the replay. Its answer."""
    try:
        return monitor(line)
    finally:  # ^C too leaves it at another place
        refresh()


def go(line):
    """A monitor command that moves the replay. Its answer is the position, or says what went wrong."""
    before = monitor("when")
    answer = moved(line)
    if not re.match(r"\d", answer) and monitor("when") == before:
        raise gdb.GdbError(answer)
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
            try:
                fn(arg.strip())
            except gdb.error as e:  # a message, as of gdb's own commands
                raise gdb.GdbError(str(e))
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
    """Go to a place, before or behind: seek POSITION, as `when` shows it; seek N%, of its time; seek SECONDSs, as
`elapsed-time` shows them; seek HH:MM:SS or seek YYYY-MM-DD HH:MM:SS, by the clock of the recorded machine;
seek NAME, of a bookmark."""
    if not arg:
        raise gdb.GdbError("seek wants a position, as `when` shows it, N%, SECONDSs, HH:MM:SS, or a bookmark")
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


@command("bookmark")
def bookmark(arg):
    """Keep this place under a name, beside the recording: bookmark [NAME]. Other sessions have it too: `seek NAME`
and `goto-bookmark NAME` go there, `reprise replay -e NAME` begins there."""
    name = arg.split()[0] if arg else ""
    print(monitor("bookmark %s %s" % (name, place())))


@command("goto-bookmark")
def goto_bookmark(arg):
    """Go to a bookmark: goto-bookmark NAME."""
    if not re.match("[A-Za-z_]", arg):
        raise gdb.GdbError("goto-bookmark wants the name of a bookmark; info bookmarks lists them")
    travel("seek " + arg)


@command("delete bookmark")
def delete_bookmark(arg):
    """Forget a bookmark: delete bookmark NAME."""
    answer = monitor("delete bookmark " + arg)
    if answer:
        raise gdb.GdbError(answer)


@command("info bookmarks", gdb.COMMAND_STATUS)
def info_bookmarks(arg):
    """List the bookmarks of the recording: names, positions, places."""
    print(monitor("info bookmarks"))


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


class LastWrite:
    """What `last-write` looked for last: `again` it looks for the same bytes, whatever the name means by then."""
    arg = at = None  # what was typed, and where it led
    text = type = address = length = condition = None


def operations():
    """Of gdb's agent expressions (its manual, "Bytecode Descriptions"): name: (code, bytes of its argument)."""
    plain = ("add sub mul div_signed div_unsigned rem_signed rem_unsigned lsh rsh_signed rsh_unsigned - - log_not "
             "bit_and bit_or bit_xor bit_not equal less_signed less_unsigned").split()
    ops = {name: (i + 2, 0) for i, name in enumerate(plain)}
    ops.update(ext=(0x16, 1), ref8=(0x17, 0), ref16=(0x18, 0), ref32=(0x19, 0), ref64=(0x1a, 0), if_goto=(0x20, 2),
               goto=(0x21, 2), const8=(0x22, 1), const16=(0x23, 2), const32=(0x24, 4), const64=(0x25, 8),
               reg=(0x26, 2), end=(0x27, 0), dup=(0x28, 0), pop=(0x29, 0), zero_ext=(0x2a, 1), swap=(0x2b, 0),
               pick=(0x32, 1), rot=(0x33, 0))
    return ops


REGISTERS = "rax rbx rcx rdx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rip".split()


def agent_code(text):
    """The condition as bytes that the server evaluates, in hexadecimal. Local variables are those of the frame where
    the user is: registers have its values."""
    listing = gdb.execute("maintenance agent-eval " + text, to_string=True)
    ops, code, frame, moved_by, at = operations(), b"", gdb.selected_frame(), {}, []
    for line in re.findall(r"^ *(\d+)  (\w+) ?(\d*)$", listing, re.M):
        offset, name, argument = int(line[0]), line[1], int(line[2] or 0)
        if name not in ops:
            raise gdb.GdbError("the condition cannot be evaluated: it has %s" % name)
        byte, length = ops[name]
        moved_by[offset] = len(code)
        if name == "reg":
            if frame.level():
                raise gdb.GdbError("the condition may name local variables of the innermost frame only: write the "
                                   "variable's address, as *(int *)0x7ffe1234")
            byte, length, argument = 0x25, 8, int(frame.read_register(REGISTERS[argument])) % 2 ** 64
        elif "goto" in name:
            at.append(len(code) + 1)
        code += bytes([byte]) + argument.to_bytes(length, "big")
    for a in at:  # constants are longer than the registers were
        code = code[:a] + moved_by[int.from_bytes(code[a:a + 2], "big")].to_bytes(2, "big") + code[a + 2:]
    return code.hex()


def scalar_at(value):
    """An expression for the value in memory that has no names in it; None: it is no number."""
    type = value.type.strip_typedefs()
    numbers = (gdb.TYPE_CODE_INT, gdb.TYPE_CODE_CHAR, gdb.TYPE_CODE_BOOL, gdb.TYPE_CODE_ENUM, gdb.TYPE_CODE_PTR)
    sizes = {1: "char", 2: "short", 4: "int", 8: "long"}
    if type.code not in numbers or type.sizeof not in sizes:
        return None
    sign = "signed" if type.code == gdb.TYPE_CODE_INT and type.is_signed else "unsigned"
    return "(*(%s %s *)%#x)" % (sign, sizes[type.sizeof], int(value.address))


def find_written(arg):
    """What EXPR [if COND] says, in LastWrite."""
    text, _, condition = re.match(r"(.*?)(?:(^|\s)if\b(.*))?$", arg, re.S).groups()
    text = text.strip()
    value = gdb.parse_and_eval(text)
    if value.is_optimized_out:
        raise gdb.GdbError("%s is optimized out here: it has no place in memory" % text)
    if value.address is None:
        raise gdb.GdbError("%s is not in memory: it is a register or a computed value. Go back to where it was "
                           "computed, or name what it was loaded from" % text)
    value.fetch_lazy()  # unreadable memory is an error
    name = scalar_at(value)
    if condition and name:
        condition = re.sub(r"(?<![\w.>])%s(?![\w\[(]|\.\w|->)" % re.escape(text), name, condition)
    LastWrite.condition = agent_code(condition) if condition else ""
    LastWrite.text, LastWrite.type = text, value.type
    LastWrite.address, LastWrite.length = int(value.address), value.type.sizeof


def show_written(after):
    """The value before the write, which is that of now, and the one after it."""
    try:
        value = gdb.Value(gdb.selected_inferior().read_memory(LastWrite.address, LastWrite.length), LastWrite.type)
        print("Old value = %s" % value.format_string())
        if len(after) == LastWrite.length:
            print("New value = %s" % gdb.Value(after, LastWrite.type).format_string())
    except gdb.error as e:  # it is not mapped yet
        print(e)


@command("last-write")
def last_write(arg):
    """Go back to where a value was changed last: last-write EXPR [if COND].
EXPR is a variable or anything else that is in memory: p->count, *(int *)0x1234, a[3]. One stops before
the instruction, or the system call, that writes it. With COND: the last change after which COND was true. The same
again, or just `last-write`, goes further back, for the same bytes. Where there is no such change, one stays."""
    again = LastWrite.arg is not None and arg in ("", LastWrite.arg) and LastWrite.at == monitor("when")
    if not again and not arg:
        raise gdb.GdbError("last-write wants a variable, or another expression that is in memory")
    if not again:
        find_written(arg)
        LastWrite.arg = arg
    Places.note()
    answer = moved(("last-write %#x %d %s" % (LastWrite.address, LastWrite.length, LastWrite.condition)).strip())
    words = answer.split()
    if not re.match(r"\d", answer):
        LastWrite.at = monitor("when")
        raise gdb.GdbError("%s: %s" % (LastWrite.text, answer))
    Places.note()
    LastWrite.at = words[0]
    print("%s, at %s" % (LastWrite.text, words[0]))
    show_written(bytes.fromhex(words[1] if len(words) > 1 else ""))
    where()


@command("elapsed-time", gdb.COMMAND_STATUS)
def elapsed_time(arg):
    """Show how much time of the recording has passed at this event."""
    print(monitor("elapsed-time"))


@command("info recording", gdb.COMMAND_STATUS)
def info_recording(arg):
    """Show what the recording is: its command, length and where one is in it."""
    print(monitor("info recording"))


class Begin:
    """Where history begins, in the dynamic linker. gdb keeps the libraries of where it came from there, until it is
    asked for them, and finds no types of the program's variables."""
    pc = None

    @classmethod
    def stopped(cls, event):
        try:
            pc = gdb.newest_frame().pc()
        except gdb.error:
            return
        if cls.pc is None:
            cls.pc = pc
        elif cls.pc == pc:
            gdb.execute("info sharedlibrary", to_string=True)


gdb.events.stop.connect(Begin.stopped)
for make in COMMANDS:
    make()
del make
