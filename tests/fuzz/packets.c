/* Fuzz target: what a client sends, before any of it reaches a replay. The first byte of an input chooses: the
 * bytes on the wire; what packets hold (threads, numbers, hexadecimal); or the bytecode of a condition. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "debug/agent.h"
#include "debug/agentcode.h"
#include "debug/packet.h"

static void on_the_wire(const uint8_t *data, size_t size)
{
	int s[2];
	struct wire w = {0};
	struct buf out = {0};
	if (size > 60000 || socketpair(AF_UNIX, SOCK_STREAM, 0, s))
		return;
	w.fd = s[0];
	w.no_ack = size && data[0] & 1;
	if (write(s[1], data, size) != (ssize_t)size)
		abort();
	shutdown(s[1], SHUT_WR);
	enum wire_event got;
	while ((got = wire_get(&w, &out)) != WIRE_GONE) {
		if (got == WIRE_PACKET && (out.len > PACKET_MAX || out.data[out.len])) /* a NUL is behind it */
			abort();
		(void)wire_interrupted(&w);
		wire_put(&w, &out);
		char drain[4096];
		while (recv(s[1], drain, sizeof(drain), MSG_DONTWAIT) > 0)
			;
	}
	buf_free(&out);
	close(s[0]);
	close(s[1]);
}

static void in_a_packet(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	const char *p = text;
	uint8_t bytes[16];
	uint64_t n;
	int64_t pid, tid;
	memcpy(text, data, size);
	text[size] = 0;
	while (*p) {
		const char *from = p;
		if (!get_thread(&p, &pid, &tid) && !get_num(&p, &n) && get_hex(&p, bytes, sizeof(bytes)) > sizeof(bytes))
			abort();
		if (p < from || p > text + size)
			abort();
		if (p == from)
			p++;
	}
	free(text);
}

static bool reg(void *ctx, unsigned n, uint64_t *value)
{
	(void)ctx;
	*value = n * 0x0101010101010101ull;
	return n < 60;
}

/* The program has some memory. */
static size_t memory(void *ctx, uint64_t addr, void *out, size_t len)
{
	(void)ctx;
	size_t n = addr < 0x1000 ? 0x1000 - addr : 0;
	n = n < len ? n : len;
	memset(out, 'a' + addr % 16, n);
	return n;
}

static void as_bytecode(const uint8_t *data, size_t size)
{
	const struct agent_target target = {.reg = reg, .read = memory};
	struct buf out = {0};
	uint64_t value;
	agent_run(data, size, &target, &out, &value);
	buf_free(&out);
	const struct expression one = {.code = (uint8_t *)data, .len = size};
	struct buf code = {0};
	agent_compile(&one, 1, &code);
	buf_free(&code);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	switch (data[0] % 3) {
	case 0:
		on_the_wire(data + 1, size - 1);
		break;
	case 1:
		in_a_packet(data + 1, size - 1);
		break;
	default:
		as_bytecode(data + 1, size - 1);
	}
	return 0;
}
