# With --chaos the recorder steps a thread beyond the event before a check of its memory: the check tells what the
# memory was at that event.
cat > many.c <<'C'
#include <pthread.h>
static void *body(void *p) { return (char *)p + 1; }
int main(void)
{
	pthread_t t[20];
	for (int round = 0; round < 5; round++) {
		for (long i = 0; i < 20; i++)
			pthread_create(&t[i], 0, body, (void *)i);
		for (long i = 0; i < 20; i++)
			pthread_join(t[i], 0);
	}
	return 0;
}
C
cc -pthread many.c -o many
for seed in 1 2; do
	timeout 40 $REPRISE record --chaos=$seed --verify=1 -o t ./many
	timeout 40 $REPRISE replay -a t
	rm -r t
done
