# A header cut at every byte, and with every byte flipped: one clear line, status 125.
$REPRISE record -o t sh -c 'echo x'
cp t/header whole
size=$(stat -c %s whole)
check() { set +e; timeout 20 $REPRISE replay -a t > out 2> err; c=$?; set -e
	[ $c = 125 ] && [ $(wc -l < err) = 1 ] || { echo "$1: status $c"; cat err; exit 1; }; }
for n in $(seq 0 $((size > 60 ? 60 : size - 1))) $(seq 70 97 $((size - 1))); do head -c $n whole > t/header; check "cut at $n"; done
for n in $(seq 0 40) $(seq 50 113 $((size - 1))); do
	python3 -c "import sys; d = bytearray(open('whole','rb').read()); d[$n] ^= 0x10; open('t/header','wb').write(d)"; check "flipped $n"; done
rm t/header; check "no header"
cp whole t/header; $REPRISE replay -a t
rm t/events; check "no events"
