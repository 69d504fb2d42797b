#include "task/blob.h"

#include "blob_stamp.h"

/* runtime/meson.build makes the files; BLOB_* name them. */
__asm__(".section .rodata\n"
	".balign 16\n"
	"blob_code_start: .incbin \"" BLOB_CODE "\"\n"
	"blob_code_end:\n"
	".balign 16\n"
	"blob_stub_start: .incbin \"" BLOB_STUB "\"\n"
	"blob_stub_end:\n"
	".previous\n");

extern const char blob_code_start[], blob_code_end[], blob_stub_start[], blob_stub_end[];

const void *blob_code(void)
{
	return blob_code_start;
}

size_t blob_code_size(void)
{
	return (size_t)(blob_code_end - blob_code_start);
}

const void *blob_stub(void)
{
	return blob_stub_start;
}

size_t blob_stub_size(void)
{
	return (size_t)(blob_stub_end - blob_stub_start);
}
