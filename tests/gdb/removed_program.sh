# Symbols come from the trace when the program was removed after its recording.
record calls
rm "$exe"
debug 'break middle' continue 'info source'
want 'Breakpoint 1, middle \(n=3\)' 'Current source file.*calls.c'
