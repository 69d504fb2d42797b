# openssl: keys, certificates, digests, encryption.
set -e
openssl genrsa -out k.pem 1024 2>/dev/null; openssl req -new -x509 -key k.pem -subj /CN=test -days 1 -out c.pem
openssl x509 -in c.pem -noout -subject -serial; openssl rand -hex 16
head -c 100000 /dev/urandom > d; openssl dgst -sha256 d; openssl enc -aes-256-cbc -pbkdf2 -pass pass:x -in d -out e
openssl enc -d -aes-256-cbc -pbkdf2 -pass pass:x -in e | cmp - d
openssl ecparam -genkey -name prime256v1 -noout -out ec.pem; openssl dgst -sha256 -sign ec.pem d | openssl base64 | head -2
