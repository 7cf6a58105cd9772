/* Messages by librdkafka alone, with the settings of kafka-pub and kafka-sub; what these are measured by:
 *   kafka_bare produce BROKERS TOPIC FILE   sends every line and waits for all acknowledgements
 *   kafka_bare consume BROKERS TOPIC        reads each partition to its end and counts the bytes */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long failed;

static void on_report(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque) {
  (void)client, (void)opaque;
  if (message->err) ++failed;
}

static rd_kafka_t* client_of(rd_kafka_type_t type, rd_kafka_conf_t* conf, const char* const* settings) {
  char reason[512];
  for (; *settings != NULL; settings += 2)
    if (rd_kafka_conf_set(conf, settings[0], settings[1], reason, sizeof reason) != RD_KAFKA_CONF_OK) {
      fprintf(stderr, "%s\n", reason);
      exit(2);
    }
  rd_kafka_t* client = rd_kafka_new(type, conf, reason, sizeof reason);
  if (client == NULL) exit(1);
  return client;
}

static int produce(const char* brokers, const char* name, const char* path) {
  const char* settings[] = {
      "bootstrap.servers", brokers,  "enable.idempotence", "true",           "acks", "all", "linger.ms", "5",
      "batch.size",        "921600", "partitioner",        "murmur2_random", NULL};
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set_dr_msg_cb(conf, on_report);
  rd_kafka_t* client = client_of(RD_KAFKA_PRODUCER, conf, settings);
  rd_kafka_topic_t* topic = rd_kafka_topic_new(client, name, NULL);
  FILE* file = fopen(path, "r");
  if (file == NULL) return 1;
  char* line = NULL;
  size_t size = 0;
  for (ssize_t length; (length = getline(&line, &size, file)) > 0;) {
    while (rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, line, (size_t)length - 1, NULL, 0,
                            NULL) != 0) {
      if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) return 1;
      rd_kafka_poll(client, 10);
    }
    rd_kafka_poll(client, 0);
  }
  while (rd_kafka_outq_len(client) > 0) rd_kafka_poll(client, 100);
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(client);
  return failed != 0;
}

static int consume(const char* brokers, const char* name) {
  const char* settings[] = {"bootstrap.servers",
                            brokers,
                            "group.id",
                            "bare",
                            "enable.auto.commit",
                            "false",
                            "enable.partition.eof",
                            "true",
                            "auto.offset.reset",
                            "earliest",
                            NULL};
  rd_kafka_t* client = client_of(RD_KAFKA_CONSUMER, rd_kafka_conf_new(), settings);
  rd_kafka_poll_set_consumer(client);
  const struct rd_kafka_metadata* metadata = NULL;
  rd_kafka_topic_t* topic = rd_kafka_topic_new(client, name, NULL);
  if (rd_kafka_metadata(client, 0, topic, &metadata, 10000) != RD_KAFKA_RESP_ERR_NO_ERROR) return 1;
  const int partitions = metadata->topics[0].partition_cnt;
  rd_kafka_metadata_destroy(metadata);
  rd_kafka_topic_destroy(topic);
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(partitions);
  for (int i = 0; i < partitions; ++i)
    rd_kafka_topic_partition_list_add(list, name, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_assign(client, list);
  rd_kafka_topic_partition_list_destroy(list);
  rd_kafka_queue_t* queue = rd_kafka_queue_get_consumer(client);
  unsigned long messages = 0, bytes = 0;
  for (int ended = 0; ended < partitions;) {
    rd_kafka_message_t* batch[1000];
    const ssize_t count = rd_kafka_consume_batch_queue(queue, 100, batch, 1000);
    for (ssize_t i = 0; i < count; ++i) {
      if (batch[i]->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        ++ended;
      } else if (batch[i]->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        ++messages;
        bytes += batch[i]->len;
      }
      rd_kafka_message_destroy(batch[i]);
    }
  }
  rd_kafka_queue_destroy(queue);
  rd_kafka_consumer_close(client);
  rd_kafka_destroy(client);
  fprintf(stdout, "%lu messages, %lu bytes\n", messages, bytes);
  return 0;
}

int main(int argc, char** argv) {
  if (argc == 5 && strcmp(argv[1], "produce") == 0) return produce(argv[2], argv[3], argv[4]);
  if (argc == 4 && strcmp(argv[1], "consume") == 0) return consume(argv[2], argv[3]);
  return 2;
}
