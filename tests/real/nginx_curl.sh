# nginx with two workers, under curl.
# limit: 240
set -e
mkdir -p www tmp; echo 'hello from nginx' > www/index.html; head -c 200000 /dev/zero | tr '\0' x > www/big
cat > conf <<EOF
daemon on; master_process on; worker_processes 2; pid $PWD/pid; error_log $PWD/error.log;
events { worker_connections 64; }
http { access_log $PWD/access.log; client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
server { listen unix:$PWD/n.sock; root $PWD/www; location /s { return 204; } } }
EOF
chmod -R 777 .
/usr/sbin/nginx -p $PWD -c $PWD/conf
for i in 1 2 3 4 5; do curl -s --unix-socket n.sock http://x/; done
curl -s --unix-socket n.sock http://x/big | md5sum
curl -s -o /dev/null -w '%{http_code}\n' --unix-socket n.sock http://x/s
curl -s -o /dev/null -w '%{http_code}\n' --unix-socket n.sock http://x/missing
kill -QUIT $(cat pid); for i in $(seq 50); do [ -e pid ] || break; sleep 0.1; done
wc -l < access.log
