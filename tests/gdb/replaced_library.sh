# Symbols of a library come from the trace when it has been rebuilt since; the program's own are this machine's.
cd "$TMP"
printf 'int twice(int n)\n{\n\treturn 2 * n;\n}\n' > twice.c
printf 'int twice(int n);\nint main(void) { return twice(21) - 42; }\n' > uses.c
cc -g -shared -fPIC twice.c -o libtwice.so
cc -g uses.c -o uses -L. -ltwice -Wl,-rpath,"$PWD"
exe=$PWD/uses
"$REPRISE" record -o "$TMP/t" ./uses
printf 'int more[5000];\nint other(int n) { return n; }\nint twice(int n)\n{\n\tint m = other(n);\n\tmore[m] = n;\n\treturn 2 * m;\n}\n' > twice.c
cc -g -O0 -shared -fPIC twice.c -o libtwice.so
debug 'set breakpoint pending on' 'break twice' continue backtrace 'info sharedlibrary'
want 'Breakpoint 1, twice \(n=21\)' '#1 .* main \(\) at .*uses.c:2' 'target:.*libtwice.so'
refuse 'Reading /lib'
