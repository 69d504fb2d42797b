#!/usr/bin/env python3
"""`reprise trace` beside strace: each workload natively and under both, in one run.
Prints medians and ratios; machines are noisy, so only ratios within a run mean anything."""
import argparse, json, os, pathlib, re, shutil, statistics, subprocess, sys, tempfile, time

WORK = {
    "dd bs=1": "dd if=/dev/zero of=/dev/null bs=1 count={dd} 2>/dev/null",
    "find": "find tree -newer x > /dev/null",
    "fork+exec": "for i in $(seq {forks}); do /bin/true; done",
    "make": "rm -f src/*.o; make -s -C src",
}
# What is asked for, and how each tracer is asked. All follow children and write to a file.
MODES = {
    "-e trace=openat": (["-e", "trace=openat"], ["-f", "--seccomp-bpf", "-e", "trace=openat"]),
    "everything": ([], ["-f", "--seccomp-bpf"]),
    "-c": (["-c"], ["-f", "--seccomp-bpf", "-c", "-w"]),
}


def prepare(d, scale):
    for i in range(int(20000 * scale)):
        sub = d / "tree" / str(i // 100)
        sub.mkdir(parents=True, exist_ok=True)
        (sub / str(i)).touch()
    (d / "x").touch()
    (d / "src").mkdir()
    for i in range(max(1, int(20 * scale))):
        (d / "src" / f"f{i}.c").write_text(f"#include <stdio.h>\nint f{i}(int x) {{ return printf(\"%d\", x * {i}); }}\n")
    (d / "src" / "Makefile").write_text("all: $(patsubst %.c,%.o,$(wildcard *.c))\n%.o: %.c\n\tgcc -c $< -o $@\n")


def timed(argv, d):
    start = time.monotonic()
    p = subprocess.run(argv, cwd=d, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if p.returncode:
        sys.exit(f"{' '.join(map(str, argv))}: status {p.returncode}\n{p.stderr.decode(errors='replace')[-500:]}")
    return time.monotonic() - start


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--build", default="build")
    ap.add_argument("--rounds", type=int, default=3)
    ap.add_argument("--scale", type=float, default=1.0, help="size of the workloads")
    ap.add_argument("--only", default="")
    ap.add_argument("--json", action="store_true")
    a = ap.parse_args()
    reprise = pathlib.Path(a.build).resolve() / "reprise"
    strace = shutil.which("strace")
    if not strace:
        print("strace is not installed: no comparison")
    d = pathlib.Path(tempfile.mkdtemp(prefix="reprise-bench-"))
    sizes = {"dd": int(100000 * a.scale), "forks": int(100 * a.scale)}
    try:
        prepare(d, a.scale)
        if not a.json:
            print(f"{'workload':12} {'what':16} {'native':>9} {'reprise':>9} {'strace':>9} {'reprise':>8} {'strace':>8} {'strace/reprise':>15}")
        for name, cmd in WORK.items():
            if not re.search(a.only, name):
                continue
            run = ["bash", "-c", cmd.format(**sizes)]
            for mode, (ours, theirs) in MODES.items():
                n, r, s = [], [], []
                for _ in range(a.rounds):
                    n.append(timed(run, d))
                    r.append(timed([reprise, "trace", *ours, "-o", "out", *run], d))
                    if strace:
                        s.append(timed([strace, *theirs, "-o", "out", *run], d))
                n, r = statistics.median(n), statistics.median(r)
                row = {"workload": name, "what": mode, "native": n, "reprise": r, "reprise_ratio": r / n}
                text = f"{name:12} {mode:16} {n:8.2f}s {r:8.2f}s"
                if strace:
                    s = statistics.median(s)
                    row |= {"strace": s, "strace_ratio": s / n, "strace_to_reprise": s / r}
                    text += f" {s:8.2f}s {r / n:7.2f}x {s / n:7.2f}x {s / r:14.2f}x"
                else:
                    text += f" {'':9} {r / n:7.2f}x"
                print(json.dumps(row) if a.json else text, flush=True)
    finally:
        shutil.rmtree(d, ignore_errors=True)


main()
