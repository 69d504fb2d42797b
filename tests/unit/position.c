#include "unit.h"

#include <string.h>

#include "replay/position.h"

static struct position at(const char *text)
{
	struct position p;
	assert_int_equal(position_parse(text, &p), 0);
	return p;
}

/* Their order; 2: not known. */
static int order(const char *a, const char *b)
{
	struct position p = at(a), q = at(b);
	bool known;
	int c = position_compare(&p, &q, &known);
	return known ? c : 2;
}

static void a_text_is_the_position(void **state)
{
	static const char *const texts[] = {"12", "12.34:56+7@1a2b*3!call", "5!signal", "5:1+2!exit",
					    "7=1000*2+1"};
	char text[POSITION_TEXT];
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct position p = at(texts[i]);
		position_text(&p, text);
		assert_string_equal(text, texts[i]);
	}
}

static void places_behind_one_station_have_an_order_where_it_is_known(void **state)
{
	(void)state;
	assert_int_equal(order("4", "5"), -1);
	assert_int_equal(order("5:1", "5:2"), -1);
	assert_int_equal(order("5:1+3", "5:1+4"), -1);
	assert_int_equal(order("5:1+4@1000*1", "5:1+4"), 1);
	assert_int_equal(order("5:1+4", "5:1+3@1000*1"), 2); /* the arrival may be far behind */
	assert_int_equal(order("5:1+3@1000*1", "5:1+4"), 2);
	assert_int_equal(order("5:1+3", "5:1@1000*1"), 2);
	assert_int_equal(order("5", "5!exit"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_the_position),
		cmocka_unit_test(places_behind_one_station_have_an_order_where_it_is_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
