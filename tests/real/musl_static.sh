# A static musl program with threads.
set -e
cat > m.c <<'EOF'
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
static void *f(void *p) { struct timespec t = {0, 1000000}; nanosleep(&t, 0); return (char *)p + 1; }
int main(void) {
  pthread_t t[8]; void *r; long s = 0; struct timespec ts;
  for (long i = 0; i < 8; i++) pthread_create(&t[i], 0, f, (void *)i);
  for (int i = 0; i < 8; i++) { pthread_join(t[i], &r); s += (long)r; }
  clock_gettime(CLOCK_REALTIME, &ts);
  if (!fork()) _exit(3);
  int st; wait(&st);
  printf("%ld %ld.%09ld %d\n", s, ts.tv_sec, ts.tv_nsec, WEXITSTATUS(st)); return 0; }
EOF
musl-gcc -static -O2 m.c -o m && ./m
