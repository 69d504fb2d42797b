#!/usr/bin/env python3
"""Act a story: type its commands on a terminal, as a user would, and show what the terminal shows.

usage: session.py [--svg FILE] STORY    in the current folder

A story has lines `$ COMMAND` for the shell, `(gdb) COMMAND` for the gdb that the last such command has started, and
comments. Exits with 1 when a command does not come to its end."""
import html, os, pty, re, select, subprocess, sys, termios, struct, fcntl, time

COLUMNS, LIMIT = 100, 60
PROMPT = "(gdb) "


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, command):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 5000, COLUMNS, 0, 0))
        env = dict(os.environ, TERM="dumb", LC_ALL="C.UTF-8", HOME=os.getcwd(), DEBUGINFOD_URLS="")
        self.process = subprocess.Popen(["bash", "-c", command], stdin=slave, stdout=slave, stderr=slave, env=env,
                                        start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        self.text = ""

    def read(self, until=None):
        """What it shows up to the prompt, or to its end."""
        end = time.monotonic() + LIMIT
        while not (until and self.text.endswith(until)):
            if time.monotonic() > end:
                self.close()
                sys.exit(f"session: no end after {LIMIT} s:\n{self.text}")
            if not select.select([self.master], [], [], 1)[0]:
                continue
            try:
                data = os.read(self.master, 65536)
            except OSError:  # the other side is closed
                data = b""
            if not data:
                break
            self.text += data.decode(errors="replace").replace("\r", "")
        out, self.text = self.text, ""
        return out[: -len(until)] if until and out.endswith(until) else out

    def type(self, line):
        os.write(self.master, (line + "\n").encode())

    def close(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, 1)
        self.process.wait()
        os.close(self.master)


def act(story):
    """Lines of the session as (kind, text): note, typed or shown."""
    gdb = None
    for line in story:
        if line.startswith("# "):
            yield "note", line
        elif line.startswith("$ "):
            yield "typed", line
            t = Terminal(line[2:])
            shown = t.read(PROMPT)
            if t.process.poll() is None and "replay" in line:
                gdb = t
            else:
                t.close()
            yield from (("shown", l) for l in shown.splitlines())
        elif line.startswith(PROMPT):
            yield "typed", line
            gdb.type(line[len(PROMPT):])
            shown = gdb.read(PROMPT)
            yield from (("shown", l) for l in shown.split("\n")[1:] if l)  # the first is the echo
    if gdb:
        gdb.type("quit")
        gdb.read()
        gdb.close()


COLOURS = {"note": "#8b949e", "typed": "#7ee787", "shown": "#e6edf3"}


def picture(lines):
    """An SVG of a terminal."""
    height, top = 19, 44
    rows = [r for kind, l in lines for r in ([(kind, l[i:i + COLUMNS]) for i in range(0, len(l), COLUMNS)] or [(kind, "")])]
    h = top + height * len(rows) + 12
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{COLUMNS * 8.43 + 40:.0f}" height="{h}" '
           'font-family="ui-monospace, DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14">',
           f'<rect width="100%" height="100%" rx="8" fill="#0d1117"/>']
    out += [f'<circle cx="{20 + 20 * i}" cy="18" r="6" fill="{c}"/>' for i, c in enumerate(("#ff5f56", "#ffbd2e", "#27c93f"))]
    for i, (kind, text) in enumerate(rows):
        style = ' font-style="italic"' if kind == "note" else ' font-weight="bold"' if kind == "typed" else ""
        out.append(f'<text x="20" y="{top + height * i + 6}" fill="{COLOURS[kind]}"{style} xml:space="preserve">'
                   f"{html.escape(text, quote=False)}</text>")
    return "\n".join(out + ["</svg>", ""])


def main():
    args = sys.argv[1:]
    svg = None
    if args[:1] == ["--svg"]:
        svg, args = args[1], args[2:]
    if len(args) != 1:
        sys.exit(__doc__)
    lines = []
    with open(args[0]) as f:
        for kind, text in act(f.read().splitlines()):
            text = text.expandtabs(8)
            print(text, flush=True)
            lines.append((kind, text))
    if svg:
        with open(svg, "w") as f:
            f.write(picture(lines))


main()
