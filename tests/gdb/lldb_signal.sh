# lldb is told of signals by their numbers on Linux, and of a death by one.
record aborts
lldb_debug continue bt continue
want 'stop reason = signal SIGABRT' 'raise|pthread_kill' 'exited with status = .* SIGABRT|exited.*6'
