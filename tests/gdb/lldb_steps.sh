# lldb steps over, into and out of functions, and by instructions.
record calls
lldb_debug 'breakpoint set -n middle' continue step next finish 'thread step-inst' 'breakpoint delete -f' continue
want 'middle\(n=3\)' 'stop reason = step in' 'leaf\(n=3\)' 'stop reason = step over' 'stop reason = step out' \
	'stop reason = instruction step' 'exited with status = 0'
