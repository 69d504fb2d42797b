/* Fuzz target: the trace reader over bytes that nobody trusts. An input is either a
 * whole events file, or (first byte odd) the plain content of one frame, which is
 * packed here so that the fuzzer reaches the event decoder. */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>

#include "abi/print.h"
#include "trace/format.h"
#include "trace/reader.h"
#include "trace/records.h"

static void walk(const void *data, size_t size)
{
	struct trace_reader *r = reader_over(data, size);
	struct event *ev;
	unsigned long sum = 0;
	if (!r)
		return;
	while (reader_next(r, &ev) == 1) {
		for (size_t i = 0; i < ev->chunks.n; i++)
			for (uint32_t j = 0; j < ev->chunks.at[i].len; j++)
				sum += ev->chunks.at[i].data[j];
		for (size_t i = 0; i < ev->ops.n; i++)
			sum += strlen(ev->ops.at[i].map.recorded.name);
		size_t at = 0;
		struct event call = {0};
		while (ev->kind == EV_BUFFER && record_next(ev, &at, &call) == 1)
			sum += call.regs.rax + call.chunks.n;
		event_free(&call);
		for (size_t i = 0; i < ev->xstate_len; i++)
			sum += ev->xstate[i];
	}
	reader_seek(r, 0);
	reader_next(r, &ev);
	reader_close(r);
	__asm__ volatile("" : : "r"(sum));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	if (!(data[0] & 1)) {
		walk(data + 1, size - 1);
		return 0;
	}
	size_t cap = ZSTD_compressBound(size);
	uint8_t *file = malloc(sizeof(struct frame_header) + cap);
	size_t n = ZSTD_compress(file + sizeof(struct frame_header), cap, data + 2, size - 2, 1);
	struct frame_header h = {.magic = FRAME_MAGIC, .group = 1, .first_seq = 1, .last_seq = 1000,
				 .count = data[1], .raw = (uint32_t)(size - 2), .packed = (uint32_t)n};
	if (!ZSTD_isError(n) && h.raw) {
		memcpy(file, &h, sizeof(h));
		walk(file, sizeof(h) + n);
	}
	free(file);
	return 0;
}
