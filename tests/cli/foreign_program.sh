# 32-bit programs and calls are refused with a clear message. Kernels that have no 32-bit calls answer
# with SIGSEGV, and then it is that as natively.
cat > i.c <<'C'
int main(void) { long r; __asm__ volatile("int $0x80" : "=a"(r) : "a"(20)); return !(r > 0); }
C
cc i.c -o i
set +e
(./i) 2> /dev/null; native=$?
timeout 20 $REPRISE record -o t ./i 2> err; c=$?
if [ $native = 139 ]; then
    [ $c = 139 ] || { echo "status $c, natively $native"; cat err; exit 1; }
    exit 0
fi
[ $c = 125 ] && grep -q '32-bit' err && [ $(wc -l < err) = 1 ] || { echo "status $c"; cat err; exit 1; }
