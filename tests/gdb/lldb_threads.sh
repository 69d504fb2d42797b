# lldb lists the threads, says in which one a breakpoint was hit, and steps there.
record threads
lldb_debug 'breakpoint set -n step' continue 'thread list' continue 'breakpoint delete -f' next next 'thread backtrace all'
want 'thread #2, stop reason = breakpoint' 'thread #1: tid = ' '\* thread #2: tid = .*step\(me=0, i=0\).*stop reason = breakpoint' \
	'thread #3, stop reason = breakpoint' 'step\(me=1, i=0\)' 'thread #3, stop reason = step over' 'thread #1' 'main at threads.c' \
	'\* thread #3' 'work\(arg=' 'libc.so.6`'
