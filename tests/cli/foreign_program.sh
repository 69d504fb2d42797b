# 32-bit programs and calls are refused with a clear message.
cat > i.c <<'C'
int main(void) { long r; __asm__ volatile("int $0x80" : "=a"(r) : "a"(20)); return r > 0; }
C
cc i.c -o i
set +e
timeout 20 $REPRISE record -o t ./i 2> err; c=$?
[ $c = 125 ] && grep -q '32-bit' err && [ $(wc -l < err) = 1 ] || { echo "status $c"; cat err; exit 1; }
