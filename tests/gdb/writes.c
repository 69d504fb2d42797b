/* Values that are written some times each. */
struct entry {
	int count;
	char text[8];
};

struct entry table[2];
unsigned short rounds, wanted = 3;
double half;
int *pointer;

static void add(int i, int by)
{
	table[i].count += by;
	rounds++;
	half += by / 2.0;
}

int main(void)
{
	int local = 0;
	for (int by = 1; by < 5; by++) {
		if (by == 1 || by > 2)
			local++;
		add(by & 1 || by == 4, by);
		local++;
	}
	add(0, 4);
	return local > 100; /* main: end */
}
