# strace -f of a shell that starts programs in a pipe: it sees each call, with its arguments and result.
set -e
strace -f -o calls.txt sh -c 'echo one; /bin/true; ls / | wc -l; exit 3' > out.txt && exit 1 || [ $? = 3 ]
head -1 out.txt
grep -c 'execve("/bin/true", ' calls.txt
grep -q 'write(1, "one\\n", 4) *= 4' calls.txt
[ "$(grep -c '+++ exited with 0 +++' calls.txt)" = 3 ] && [ "$(grep -c '+++ exited with 3 +++' calls.txt)" = 1 ]
