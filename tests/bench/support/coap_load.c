/* PUTs of one reading each, as many devices under way as asked for, and how long each waited for its acknowledgement:
 *   coap_load PORT DEVICES SECONDS PATH
 * A device sends its next message when the one before is acknowledged, from a socket of its own, and repeats it after
 * two seconds without an answer, as CoAP asks. The first second warms up and does not count. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { most_devices = 256, token_bytes = 2 };

struct device {
  int64_t sent, repeat;
  uint16_t id;
  size_t size;
  unsigned char message[300];
};

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int by_value(const void* a, const void* b) {
  const int64_t x = *(const int64_t*)a, y = *(const int64_t*)b;
  return (x > y) - (x < y);
}

/* A confirmable PUT with a Content-Format of JSON (50). */
static void fill(struct device* device, int number, const char* path) {
  unsigned char* to = device->message;
  ++device->id;
  *to++ = 0x40 | token_bytes;
  *to++ = 3;
  *to++ = (unsigned char)(device->id >> 8);
  *to++ = (unsigned char)device->id;
  *to++ = (unsigned char)number;
  *to++ = (unsigned char)device->id;
  const size_t length = strlen(path); /* Uri-Path, of 12 bytes at most */
  *to++ = (unsigned char)(11 << 4 | length);
  memcpy(to, path, length);
  to += length;
  *to++ = 1 << 4 | 1;
  *to++ = 50;
  *to++ = 0xff;
  to += sprintf((char*)to, "{\"timestamp\":\"2026-01-01T00:00:00Z\",\"sensorId\":\"S-%d\",\"parameter\":\"pH\",\"value\":7.25}", number);
  device->size = (size_t)(to - device->message);
}

int main(int argc, char** argv) {
  if (argc != 5 || strlen(argv[4]) > 12) return fprintf(stderr, "usage: coap_load PORT DEVICES SECONDS PATH\n"), 2;
  const int devices = atoi(argv[2]) < most_devices ? atoi(argv[2]) : most_devices;
  const int64_t begin = now_ns(), warm = begin + 1000000000, end = warm + (int64_t)(atof(argv[3]) * 1e9);
  static struct device all[most_devices];
  static struct pollfd sockets[most_devices];
  static int64_t delays[20000000];
  size_t count = 0, repeats = 0, refused = 0;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
  inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
  for (int i = 0; i < devices; ++i) {
    sockets[i] = (struct pollfd){socket(AF_INET, SOCK_DGRAM, 0), POLLIN, 0};
    if (connect(sockets[i].fd, (struct sockaddr*)&to, sizeof to) != 0) return perror("connect"), 1;
  }
  int64_t now = begin;
  while (now < end) {
    for (int i = 0; i < devices; ++i) {
      struct device* each = &all[i];
      if (each->sent != 0 && now < each->repeat) continue;
      if (each->sent == 0) {
        fill(each, i, argv[4]);
        each->sent = now;
      } else {
        ++repeats;
      }
      each->repeat = now + 2000000000;
      if (send(sockets[i].fd, each->message, each->size, 0) < 0) return perror("send"), 1;
    }
    poll(sockets, (nfds_t)devices, 100);
    now = now_ns();
    for (int i = 0; i < devices; ++i) {
      unsigned char answer[1500];
      if (!(sockets[i].revents & POLLIN)) continue;
      const ssize_t size = recv(sockets[i].fd, answer, sizeof answer, MSG_DONTWAIT);
      /* The acknowledgement of this message, with an answer in it. */
      if (size < 4 || (answer[0] >> 4 & 3) != 2 || answer[1] == 0 || (answer[2] << 8 | answer[3]) != all[i].id) continue;
      refused += answer[1] >> 5 != 2;
      if (now > warm && count < sizeof delays / sizeof *delays) delays[count++] = now - all[i].sent;
      all[i].sent = 0;
    }
  }
  if (count == 0) return printf("no answer\n"), 1;
  qsort(delays, count, sizeof *delays, by_value);
  printf("%.0f %.2f %.2f %zu %zu %zu\n", (double)count / ((double)(end - warm) / 1e9), (double)delays[count / 2] / 1e6,
         (double)delays[count * 99 / 100] / 1e6, count, repeats, refused);
  return 0;
}
