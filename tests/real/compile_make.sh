# gcc and make -j2 over 60 files.
# limit: 300
set -e
for i in $(seq 60); do echo "int f$i(int x) { int s = 0; for (int i = 0; i < x; i++) s += i * $i; return s; }" > f$i.c; done
{ for i in $(seq 60); do echo "int f$i(int);"; done; echo '#include <stdio.h>'; echo 'int main(void) { int s = 0;'; for i in $(seq 60); do echo "s += f$i(10);"; done; echo 'printf("%d\n", s); return 0; }'; } > main.c
printf 'OBJ := $(patsubst %%.c,%%.o,$(wildcard *.c))\nprog: $(OBJ)\n\tgcc -o $@ $^\n%%.o: %%.c\n\tgcc -O2 -c $< -o $@\n' > Makefile
make -s -j2
./prog
