# lldb finds the program and its libraries by itself: a breakpoint by name, and a backtrace through both.
record calls
lldb_debug 'breakpoint set -n leaf' continue bt 'frame select 1' 'frame variable n' 'image list'
want 'stop reason = breakpoint 1.1' 'leaf\(n=3\) at calls.c' 'frame #1:.*middle\(n=3\)' 'frame #2:.*main at calls.c' \
	'libc.so.6.*__libc_start' '\(int\) n = 3' "$exe" 'libc.so.6'
