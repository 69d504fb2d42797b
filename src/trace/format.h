/* Fixed parts of the trace format; docs/trace-format.md describes them. */
#ifndef TRACE_FORMAT_H
#define TRACE_FORMAT_H

#include <stdint.h>

#define TRACE_VERSION 8
#define TRACE_MAGIC "REPRISE"	/* 8 bytes with the NUL */
#define FRAME_MAGIC 0x31465052u /* "RPF1" */

/* The file `header`: this, then `json_len` bytes of JSON. Little endian. */
struct trace_header {
	char magic[8];
	uint32_t version;
	uint32_t json_len;
	uint64_t json_xxh64;
	uint64_t xxh64; /* of the fields before */
};

#define HEADER_JSON_MAX (16u << 20)

/* The file `events` is a row of these, each followed by `packed` bytes of zstd. */
struct frame_header {
	uint32_t magic;
	uint32_t group;
	uint64_t first_seq, last_seq;
	uint32_t count;	 /* events */
	uint32_t raw;	 /* bytes before compression */
	uint32_t packed; /* bytes after it */
	uint32_t zero;
	uint64_t first_ns, last_ns; /* CLOCK_REALTIME when the first and the last event were written */
	uint64_t data_xxh64;	    /* of the compressed bytes */
	uint64_t xxh64;		    /* of the fields before */
};

#define FRAME_RAW_MAX (64u << 20)
#define FRAME_PACKED_MAX (FRAME_RAW_MAX + (1u << 20))

#endif
