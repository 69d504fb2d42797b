# tar with xz -T2, zstd -T2, gzip, bzip2.
set -e
mkdir in; for i in $(seq 40); do seq $i 997 20000 > in/$i; done; head -c 300000 /dev/urandom > in/random
tar cf all.tar in
xz -T2 -k all.tar; zstd -q -T2 all.tar; gzip -k all.tar; bzip2 -k all.tar
xz -dc all.tar.xz | cmp - all.tar; zstd -dcq all.tar.zst | cmp - all.tar; zcat all.tar.gz | cmp - all.tar; bzcat all.tar.bz2 | cmp - all.tar
mkdir out; tar xJf all.tar.xz -C out; diff -r in out/in; ls -l all.tar.* | wc -l
