# ssh-keygen: several key types, fingerprints.
set -e
ssh-keygen -q -t ed25519 -N '' -f a; ssh-keygen -q -t rsa -b 1024 -N pass -f b || ssh-keygen -q -t rsa -b 2048 -N pass -f b
ssh-keygen -l -f a.pub; ssh-keygen -l -f b.pub; ssh-keygen -y -P pass -f b | md5sum
echo data > f; ssh-keygen -q -Y sign -f a -n test f; ssh-keygen -Y check-novalidate -n test -s f.sig < f
