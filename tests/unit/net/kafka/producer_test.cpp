// The producer against brokers that do not know a topic for a while: librdkafka's own mock cluster answers for them.
#include "net/kafka/producer.hpp"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "catch.hpp"
#include "kept_log.hpp"

using namespace weir;

namespace {

struct Reports : kafka::ProducerHandler {
  void on_delivered(std::uint64_t number) override { delivered.push_back(number); }
  void on_refused(std::uint64_t number, std::string_view) override { refused.push_back(number); }
  std::vector<std::uint64_t> delivered, refused;
};

/// Brokers of librdkafka's mock cluster, with one topic.
class MockBrokers {
 public:
  explicit MockBrokers(const char* topic)
      : client_(rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr, 0), rd_kafka_destroy),
        cluster_(rd_kafka_mock_cluster_new(client_.get(), 1), rd_kafka_mock_cluster_destroy),
        topic_(topic) {
    REQUIRE(cluster_ != nullptr);
    REQUIRE(rd_kafka_mock_topic_create(cluster_.get(), topic, 1, 1) == RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  std::string addresses() const { return rd_kafka_mock_cluster_bootstraps(cluster_.get()); }
  void forget_topic() {
    rd_kafka_mock_topic_set_error(cluster_.get(), topic_, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  }
  void know_topic() { rd_kafka_mock_topic_set_error(cluster_.get(), topic_, RD_KAFKA_RESP_ERR_NO_ERROR); }

 private:
  std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)> client_;
  std::unique_ptr<rd_kafka_mock_cluster_t, decltype(&rd_kafka_mock_cluster_destroy)> cluster_;
  const char* topic_;
};

/// Lets the producer work until `done` holds; false after so many seconds.
template <typename Done>
bool until(kafka::Producer& producer, int seconds, Done done) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    producer.wait({}, std::chrono::milliseconds(20));
  }
  return true;
}

}  // namespace

TEST_CASE("messages wait where a broker does not know a topic that is there") {
  MockBrokers brokers("readings");
  Reports reports;
  KeptLog log;
  kafka::Producer::Settings settings;
  settings.connection.brokers = brokers.addresses();
  settings.connection.properties = {{"topic.metadata.refresh.interval.ms", "100"}};
  kafka::Producer producer(settings, reports, log);
  const std::string topic = "readings";
  const kafka::Header headers[] = {{"name", "value"}};
  kafka::Message message;
  message.topic = &topic;
  message.key = "key";
  message.headers = headers;
  const auto send = [&](std::uint64_t number) {
    const std::string payload = "{\"n\":" + std::to_string(number) + "}";
    message.payload = payload;
    message.number = number;
    return producer.send(message);
  };

  REQUIRE(send(1) == kafka::Producer::Sent::yes);
  REQUIRE(until(producer, 60, [&] { return reports.delivered.size() == 1; }));

  brokers.forget_topic();
  static_cast<void>(
      until(producer, 1, [] { return false; }));  // the library asks for the topic, and is told that it is none
  REQUIRE(send(2) == kafka::Producer::Sent::yes);
  static_cast<void>(until(producer, 1, [] { return false; }));
  CHECK(producer.in_flight() == 1);
  CHECK(send(3) == kafka::Producer::Sent::full);  // nothing overtakes the message that waits
  CHECK(reports.refused.empty());

  brokers.know_topic();
  REQUIRE(until(producer, 60, [&] { return reports.delivered.size() == 2; }));
  REQUIRE(send(3) == kafka::Producer::Sent::yes);
  REQUIRE(until(producer, 60, [&] { return reports.delivered.size() == 3; }));
  CHECK(reports.delivered == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(reports.refused.empty());
  CHECK(producer.in_flight() == 0);
}
