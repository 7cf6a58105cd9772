// The look for open transactions against librdkafka's own mock cluster, whose partitions have none.
#include "net/kafka/open_transactions.hpp"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <memory>
#include <string>
#include <vector>

#include "catch.hpp"
#include "kept_log.hpp"

using namespace weir;

namespace {

struct GivenUp {};

}  // namespace

TEST_CASE("a partition is asked for its end, and waited for while it has no leader") {
  const std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)> client(
      rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr, 0), rd_kafka_destroy);
  const std::unique_ptr<rd_kafka_mock_cluster_t, decltype(&rd_kafka_mock_cluster_destroy)> cluster(
      rd_kafka_mock_cluster_new(client.get(), 1), rd_kafka_mock_cluster_destroy);
  REQUIRE(rd_kafka_mock_topic_create(cluster.get(), "readings", 2, 1) == RD_KAFKA_RESP_ERR_NO_ERROR);
  kafka::Settings settings;
  settings.brokers = rd_kafka_mock_cluster_bootstraps(cluster.get());
  KeptLog log;
  const std::vector<std::string> topics{"readings"};
  CHECK(kafka::open_transactions(settings, topics, log, [] {}).empty());

  rd_kafka_mock_partition_set_leader(cluster.get(), "readings", 1, -1);
  int waits = 0;
  const auto meanwhile = [&waits] {
    if (++waits == 2) throw GivenUp();
  };
  CHECK_THROWS_AS(kafka::open_transactions(settings, topics, log, meanwhile), GivenUp);
}
