# At every event of a recording one sees the program: its addresses and stack, never what Reprise has put into the process.
# A library may have no symbols; then it is enough that gdb knows which library it is.
# program: calls 3
python import re; ours = (0x7a3d0000, 0x7a400000); last = int(re.search("of ([0-9]+),", gdb.execute("info recording", to_string=True))[1])
python
strange = []
for event in range(int(gdb.execute("when", to_string=True).split()[2]), last + 1):
    gdb.execute("seek %d" % event, to_string=True)
    frame = gdb.newest_frame()
    if any(ours[0] <= int(frame.read_register(r)) < ours[1] for r in ("rip", "rsp")) or not (frame.name() or gdb.solib_name(frame.pc())):
        strange.append((event, hex(frame.pc()), frame.name()))
print("events", last > 30, "strange", strange)
end
#> events True strange \[\]
