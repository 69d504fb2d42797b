# A program that was rebuilt since: lldb reads the recorded one from the trace.
record calls
cp /bin/true "$exe"
lldb_debug 'breakpoint set -n leaf' continue bt
want 'stop reason = breakpoint 1.1' 'leaf\(n=3\) at calls.c' 'frame #1:.*middle\(n=3\)'
