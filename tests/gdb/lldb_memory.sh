# lldb reads registers, memory, and what is mapped where; its expressions call functions.
record calls
lldb_debug 'breakpoint set -n leaf' continue 'register read rdi' 'register read ymm0' 'memory read -f d -c 8 &table' \
	'memory region $rip' 'expression factorial(5)' 'expression total = 7' 'expression total' 'process plugin packet monitor when'
want 'rdi = 0x0*3$' 'ymm0 = \{0x00' ': 0$' ': 1$' ': 4$' 'r-x .*calls' '\(int\) \$[0-9] = 120' \
	'\(int\) \$[0-9] = 7' '\(int\) \$[0-9] = 7' 'response: 3[0-9]'
