# python3: an asyncio HTTP server and its client.
exec /usr/bin/python3 - <<'EOF'
import asyncio, time
async def handle(r, w):
    line = await r.readline()
    while (await r.readline()).strip(): pass
    body = b"you asked for " + line.split()[1] + b" at %f\n" % time.time()
    w.write(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    await w.drain(); w.close()
async def get(port, path):
    r, w = await asyncio.open_connection("127.0.0.1", port)
    w.write(b"GET /%d HTTP/1.0\r\n\r\n" % path)
    data = await r.read(); w.close()
    return data.split(b"\r\n\r\n")[1]
async def main():
    s = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = s.sockets[0].getsockname()[1]
    for d in await asyncio.gather(*[get(port, i) for i in range(30)]): print(d)
    p = await asyncio.create_subprocess_exec("echo", "child", stdout=asyncio.subprocess.PIPE)
    print(await p.communicate())
    s.close()
asyncio.run(main())
EOF
