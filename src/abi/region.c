#include "abi/regions.h"

struct region *region_add(region_list *l, uint64_t addr, uint64_t len, uint8_t dir, uint8_t rule, uint8_t arg,
			  uint8_t type)
{
	struct region *r = VEC_PUSH(l);
	r->addr = addr;
	r->len = len;
	r->dir = dir;
	r->rule = rule;
	r->arg = arg;
	r->type = type;
	r->parent = -1;
	return r;
}
