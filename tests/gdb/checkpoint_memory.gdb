# Checkpoints keep to the memory that they may take, whatever the program does to its own.
# program: memory
# more: -m 30
break {main: last}
python
import os, pathlib, re
def servers():
    """gdb and the server are children of the same process."""
    pid = os.getppid()
    return [pid] + [int(c) for path in pathlib.Path(f"/proc/{pid}/task").glob("*/children") for c in path.read_text().split()]
def megabytes():
    """Of replayed processes and checkpoints; the program itself has 8."""
    kb, tracers = 0, servers()
    for path in pathlib.Path("/proc").glob("[0-9]*/status"):
        try:
            if int(re.search(r"TracerPid:\s+(\d+)", path.read_text())[1]) in tracers:
                rollup = path.with_name("smaps_rollup").read_text()
                kb += int(re.search(r"^Pss: +(\d+)", rollup, re.M)[1])
        except OSError:
            pass
    return kb >> 10
end
continue
python mb = megabytes(); print("checkpoints take", mb, "MB:", 8 <= mb < 30 + 12)
#> MB: True
reverse-stepi
python mb = megabytes(); print("checkpoints take", mb, "MB:", 8 <= mb < 30 + 12)
#> MB: True
