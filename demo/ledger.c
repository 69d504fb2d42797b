/* Payments among accounts, at random. In many runs one is refused that should not be: see story. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

struct account {
	char name[16];
	long limit; /* the most that one payment may be: 1000, always */
	long coins;
};

enum { ACCOUNTS = 8, PAYMENTS = 2000 };

static unsigned chance(unsigned below)
{
	unsigned r;
	if (getrandom(&r, sizeof(r), 0) != sizeof(r))
		exit(2);
	return r % below;
}

static void rename_account(struct account *a, const char *name)
{
	int i = 0;
	do
		a->name[i] = name[i];
	while (name[i++]);
}

static void refuse(const struct account *from, long coins)
{
	printf("%s may not pay %ld: the limit is %ld\n", from->name, coins, from->limit);
	exit(1);
}

static void pay(struct account *from, struct account *to, long coins)
{
	if (coins > from->limit)
		refuse(from, coins);
	from->coins -= coins;
	to->coins += coins;
}

int main(void)
{
	static const char *const names[] = {"Ada Lovelace", "Grace Hopper", "Alan Turing",
					    "Margaret Hamilton"};
	struct account *accounts = calloc(ACCOUNTS, sizeof(*accounts));
	for (int i = 0; i < ACCOUNTS; i++) {
		accounts[i].limit = 1000;
		rename_account(&accounts[i], names[i % 3]);
	}
	for (int i = 0; i < PAYMENTS; i++) {
		if (!chance(200))
			rename_account(&accounts[chance(ACCOUNTS)], names[chance(4)]);
		pay(&accounts[chance(ACCOUNTS)], &accounts[chance(ACCOUNTS)], 1 + chance(500));
	}
	puts("everything is paid");
	return 0;
}
