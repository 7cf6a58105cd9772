/* Publishes every line of a file by libmosquitto alone: publish_bare HOST PORT TOPIC QOS IN_FLIGHT FILE. What mqtt-pub is measured by. */
#include <errno.h>
#include <mosquitto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int in_flight, connected;

static void on_connect(struct mosquitto *m, void *self, int code) {
  (void)m, (void)self;
  connected = code == 0;
}

static void on_publish(struct mosquitto *m, void *self, int id) {
  (void)m, (void)self, (void)id;
  --in_flight;
}

int main(int argc, char **argv) {
  if (argc != 7) return 2;
  const int qos = atoi(argv[4]), most = atoi(argv[5]);
  FILE *file = fopen(argv[6], "r");
  if (file == NULL) return 1;
  mosquitto_lib_init();
  struct mosquitto *m = mosquitto_new(NULL, 1, NULL);
  mosquitto_connect_callback_set(m, on_connect);
  mosquitto_publish_callback_set(m, on_publish);
  mosquitto_int_option(m, MOSQ_OPT_TCP_NODELAY, 1);
  mosquitto_int_option(m, MOSQ_OPT_SEND_MAXIMUM, most);
  if (mosquitto_connect(m, argv[1], atoi(argv[2]), 60) != MOSQ_ERR_SUCCESS) return 1;
  while (!connected)
    if (mosquitto_loop(m, 100, 1) != MOSQ_ERR_SUCCESS) return 1;
  char *line = NULL;
  size_t size = 0;
  for (ssize_t length; (length = getline(&line, &size, file)) > 0;) {
    ++in_flight;
    if (mosquitto_publish(m, NULL, argv[3], (int)length - 1, line, qos, 0) != MOSQ_ERR_SUCCESS) return 1;
    while (in_flight >= most)
      if (mosquitto_loop(m, 100, 1) != MOSQ_ERR_SUCCESS) return 1;
  }
  while (in_flight > 0)
    if (mosquitto_loop(m, 100, 1) != MOSQ_ERR_SUCCESS) return 1;
  mosquitto_disconnect(m);
  return 0;
}
