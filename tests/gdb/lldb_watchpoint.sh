# A watchpoint of lldb stops behind each change, and shows the values.
record calls
lldb_debug 'breakpoint set -n middle' continue 'watchpoint set variable total' continue continue bt
want 'Watchpoint 1 hit' 'old value: 0' 'new value: 6' 'Watchpoint 1 hit' 'old value: 6' 'new value: 20' 'leaf\(n=7\)' 'middle\(n=3\)'
