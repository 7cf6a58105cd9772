/* Records at an even pace, and how long each took:
 *   paced send RATE SECONDS   writes records with the moment at which each was due, in "sent" (ns since 1970)
 *   paced live RATE SECONDS   the same, and their timestamp is that moment
 *   paced hear COUNT          reads lines with that field until COUNT have come, or none for 3 s, and prints the delays
 * Records wait for the generator's tick, a millisecond, which counts. The first second warms up and does not count. */
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int send_records(double rate, double seconds, int live) {
  static char block[1 << 22];
  const int64_t begin = now_ns();
  const int64_t count = (int64_t)(rate * seconds);
  char stamp[40] = "2026-01-01T00:00:00Z";
  for (int64_t i = 0; i < count;) {
    size_t size = 0;
    const int64_t now = now_ns();
    for (; i < count && size < sizeof block - 300; ++i) {
      const int64_t due = begin + (int64_t)((double)i * 1e9 / rate);
      if (due > now) break;
      if (live) {
        const time_t second = due / 1000000000;
        struct tm utc;
        gmtime_r(&second, &utc);
        const size_t n = strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
        snprintf(stamp + n, sizeof stamp - n, ".%03dZ", (int)(due / 1000000 % 1000));
      }
      size += (size_t)snprintf(block + size, 300,
                               "{\"timestamp\":\"%s\",\"sensorId\":\"S-%04d\",\"plantId\":\"p%d\","
                               "\"parameter\":\"BOD\",\"value\":%d.25,\"sent\":%lld}\n",
                               stamp, (int)(i % 1000), (int)(i % 10), (int)(i * 7 % 150), (long long)due);
    }
    for (size_t at = 0; at < size;) {
      const ssize_t n = write(STDOUT_FILENO, block + at, size - at);
      if (n <= 0) return 1;
      at += (size_t)n;
    }
    const struct timespec tick = {0, 1000000};
    nanosleep(&tick, NULL);
  }
  return 0;
}

static int by_value(const void* a, const void* b) {
  const int64_t x = *(const int64_t*)a, y = *(const int64_t*)b;
  return (x > y) - (x < y);
}

static int hear(size_t count) {
  static char buffer[1 << 20];
  int64_t* delays = malloc(count * sizeof *delays);
  size_t heard = 0, kept = 0, held = 0;
  int64_t first = 0;
  while (heard < count) {
    struct pollfd input = {STDIN_FILENO, POLLIN, 0};
    if (poll(&input, 1, heard == 0 ? 60000 : 3000) <= 0) break;
    const ssize_t n = read(STDIN_FILENO, buffer + held, sizeof buffer - held);
    if (n <= 0) break;
    held += (size_t)n;
    const int64_t now = now_ns();
    char* line = buffer;
    for (char* end; (end = memchr(line, '\n', (size_t)(buffer + held - line))) != NULL; line = end + 1) {
      *end = '\0';
      const char* field = strstr(line, "\"sent\":");
      if (field == NULL) continue;
      const int64_t sent = atoll(field + 7);
      if (first == 0) first = sent;
      if (sent >= first + INT64_C(1000000000) && kept < count) delays[kept++] = now - sent;
      ++heard;
    }
    held = (size_t)(buffer + held - line);
    memmove(buffer, line, held);
  }
  if (kept == 0) return printf("nothing came\n"), 1;
  qsort(delays, kept, sizeof *delays, by_value);
  printf("%9.2f %9.2f %9.2f   %zu of %zu\n", (double)delays[kept / 2] / 1e6, (double)delays[kept * 99 / 100] / 1e6,
         (double)delays[kept - 1] / 1e6, heard, count);
  return 0;
}

int main(int argc, char** argv) {
  if (argc == 4 && strcmp(argv[1], "send") == 0) return send_records(atof(argv[2]), atof(argv[3]), 0);
  if (argc == 4 && strcmp(argv[1], "live") == 0) return send_records(atof(argv[2]), atof(argv[3]), 1);
  if (argc == 3 && strcmp(argv[1], "hear") == 0) return hear((size_t)atoll(argv[2]));
  return fprintf(stderr, "paced send RATE SECONDS | live RATE SECONDS | hear COUNT\n"), 2;
}
