// The producer against brokers that do not know a topic for a while: librdkafka's own mock cluster answers for them.
#include "net/kafka/producer.hpp"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <chrono>
#include <memory>
#include <numeric>
#include <set>
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
  explicit MockBrokers(const char* topic, int partitions = 1)
      : client_(rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr, 0), rd_kafka_destroy),
        cluster_(rd_kafka_mock_cluster_new(client_.get(), 1), rd_kafka_mock_cluster_destroy),
        topic_(topic) {
    REQUIRE(cluster_ != nullptr);
    REQUIRE(rd_kafka_mock_topic_create(cluster_.get(), topic, partitions, 1) == RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  std::string addresses() const { return rd_kafka_mock_cluster_bootstraps(cluster_.get()); }
  void forget_topic() {
    rd_kafka_mock_topic_set_error(cluster_.get(), topic_, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  }
  /// Every answer comes so late.
  void delay(int milliseconds) { rd_kafka_mock_broker_set_rtt(cluster_.get(), 1, milliseconds); }
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

/// The payloads of each partition, read until there are so many.
std::vector<std::vector<std::string>> read_all(const MockBrokers& brokers, const char* name, int partitions,
                                               std::size_t messages) {
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", brokers.addresses().c_str(), nullptr, 0);
  std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)> client(rd_kafka_new(RD_KAFKA_CONSUMER, conf, nullptr, 0),
                                                                  rd_kafka_destroy);
  std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)> topic(
      rd_kafka_topic_new(client.get(), name, nullptr), rd_kafka_topic_destroy);
  std::vector<std::vector<std::string>> read(static_cast<std::size_t>(partitions));
  for (int i = 0; i < partitions; ++i) rd_kafka_consume_start(topic.get(), i, 0);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (std::size_t count = 0; count < messages && std::chrono::steady_clock::now() < end;)
    for (int i = 0; i < partitions; ++i) {
      rd_kafka_message_t* const message = rd_kafka_consume(topic.get(), i, 10);
      if (message == nullptr) continue;
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        const char* const text = static_cast<const char*>(message->payload);
        read[static_cast<std::size_t>(i)].push_back(text == nullptr ? "(none)" : std::string(text, message->len));
        ++count;
      }
      rd_kafka_message_destroy(message);
    }
  for (int i = 0; i < partitions; ++i) rd_kafka_consume_stop(topic.get(), i);
  return read;
}

/// A producer of the topic `readings`, of brokers that have it.
struct Production {
  explicit Production(kafka::Producer::Settings settings, int partitions = 1)
      : brokers("readings", partitions), producer(of(brokers, std::move(settings)), reports, log) {}
  static kafka::Producer::Settings of(const MockBrokers& brokers, kafka::Producer::Settings settings) {
    settings.connection.brokers = brokers.addresses();
    return settings;
  }
  MockBrokers brokers;
  Reports reports{};
  KeptLog log{};
  kafka::Producer producer;
  const std::string topic = "readings";
};

}  // namespace

TEST_CASE("messages wait where a broker does not know a topic that is there") {
  kafka::Producer::Settings settings;
  settings.connection.properties = {{"topic.metadata.refresh.interval.ms", "100"}};
  Production production(settings);
  auto& brokers = production.brokers;
  auto& reports = production.reports;
  auto& producer = production.producer;
  auto& topic = production.topic;
  const kafka::Header headers[] = {{"name", "value"}};
  kafka::Message message;
  message.topic = &topic;
  message.key = "key";
  if (GENERATE(true, false)) message.headers = headers;  // without them, they are handed over together
  const auto send = [&](std::uint64_t number) {
    const std::string payload = "{\"n\":" + std::to_string(number) + "}";
    message.payload = payload;
    message.number = number;
    return producer.send(message);
  };

  REQUIRE(send(1) == kafka::Producer::Sent::yes);
  REQUIRE(until(producer, 60, [&] { return reports.delivered.size() == 1; }));

  brokers.forget_topic();
  // Once the library has asked for the topic, and was told that it is none, nothing overtakes the message that waits.
  std::uint64_t last = 1;
  REQUIRE(until(producer, 60, [&] {
    if (send(last + 1) == kafka::Producer::Sent::full) return true;
    ++last;
    return false;
  }));
  CHECK(producer.in_flight() > 0);
  CHECK(reports.refused.empty());

  brokers.know_topic();
  REQUIRE(until(producer, 60, [&] { return reports.delivered.size() == last; }));
  REQUIRE(send(++last) == kafka::Producer::Sent::yes);
  REQUIRE(until(producer, 60, [&] { return reports.delivered.size() == last; }));
  std::vector<std::uint64_t> sent(last);
  std::iota(sent.begin(), sent.end(), 1);
  CHECK(reports.delivered == sent);
  CHECK(reports.refused.empty());
  CHECK(producer.in_flight() == 0);
}

TEST_CASE("messages without a key go to all partitions, in their order in each of them") {
  constexpr int partitions = 3;
  constexpr std::uint64_t messages = 2000;
  kafka::Producer::Settings settings;
  settings.batch_size = 2000;
  settings.properties = {{"partitioner", "murmur2_random"}, {"linger.ms", "1"}};
  Production production(settings, partitions);
  auto& brokers = production.brokers;
  auto& reports = production.reports;
  auto& producer = production.producer;
  auto& topic = production.topic;
  const kafka::Header headers[] = {{"name", "value"}};
  for (std::uint64_t i = 0; i < messages; ++i) {
    const std::string payload = std::to_string(10000 + i);
    kafka::Message message;
    message.topic = &topic;
    message.number = i;
    if (i % 500 != 499) message.payload = payload;  // or a tombstone
    if (i % 300 == 299) message.headers = headers;  // alone, and overtakes none
    if (i % 700 == 699) message.partition = 2;
    while (producer.send(message) != kafka::Producer::Sent::yes) producer.wait({}, std::chrono::milliseconds(20));
    if (i == 0) REQUIRE(until(producer, 60, [&] { return reports.delivered.size() == 1; }));
    if (i % 64 == 63) producer.wait({}, std::chrono::milliseconds(1));
  }
  CHECK(producer.in_flight() > 0);
  REQUIRE(until(producer, 60, [&] { return producer.in_flight() == 0; }));
  CHECK(reports.refused.empty());
  CHECK(std::set<std::uint64_t>(reports.delivered.begin(), reports.delivered.end()).size() == messages);

  std::size_t tombstones = 0;
  std::set<std::string> seen;
  for (const std::vector<std::string>& partition : read_all(brokers, "readings", partitions, messages)) {
    CHECK(partition.size() > messages / 10);
    std::string last;
    for (const std::string& each : partition) {
      if (each == "(none)") {
        ++tombstones;
        continue;
      }
      CHECK(last < each);
      last = each;
      seen.insert(each);
    }
  }
  CHECK(tombstones == 4);
  CHECK(seen.size() == messages - 4);
}

TEST_CASE("a message that no batch takes is refused alone, among those that are handed over together") {
  kafka::Producer::Settings settings;
  settings.connection.properties = {{"message.max.bytes", "2000"}, {"batch.size", "2000"}};
  settings.batch_size = 2000;
  Production production(settings);
  auto& reports = production.reports;
  auto& producer = production.producer;
  auto& topic = production.topic;
  const auto send = [&](std::uint64_t number, std::size_t size) {
    const std::string payload(size, 'x');
    kafka::Message message;
    message.topic = &topic;
    message.payload = payload;
    message.number = number;
    return producer.send(message);
  };
  REQUIRE(send(1, 10) == kafka::Producer::Sent::yes);
  REQUIRE(until(producer, 60, [&] { return reports.delivered.size() == 1; }));
  REQUIRE(send(2, 10) == kafka::Producer::Sent::yes);
  CHECK_THROWS_AS(send(3, 3000), std::invalid_argument);
  REQUIRE(send(4, 10) == kafka::Producer::Sent::yes);
  REQUIRE(until(producer, 60, [&] { return reports.delivered.size() == 3; }));
  CHECK(reports.delivered == std::vector<std::uint64_t>{1, 2, 4});
}

TEST_CASE("a commit takes its time and holds nothing up") {
  using std::chrono::milliseconds;
  using clock = std::chrono::steady_clock;
  kafka::Producer::Settings settings;
  settings.transactional_id = "weir.test";
  Production production(settings);
  auto& brokers = production.brokers;
  auto& reports = production.reports;
  auto& producer = production.producer;
  auto& topic = production.topic;
  const auto began = clock::now();
  while (!producer.take_over(milliseconds(500))) REQUIRE(clock::now() - began < std::chrono::seconds(60));
  for (std::uint64_t i = 1; i <= 3; ++i) {
    producer.begin_transaction();
    kafka::Message message;
    message.topic = &topic;
    message.payload = "one";
    message.number = i;
    REQUIRE(producer.send(message) == kafka::Producer::Sent::yes);
    REQUIRE(until(producer, 60, [&] { return producer.in_flight() == 0; }));
    brokers.delay(1000);
    const auto asked = clock::now();
    CHECK(producer.commit_transaction() == kafka::Producer::Outcome::again);
    CHECK(clock::now() - asked < milliseconds(900));
    int waits = 0;
    while (producer.commit_transaction() != kafka::Producer::Outcome::done) {
      REQUIRE(clock::now() - asked < std::chrono::seconds(60));
      producer.wait({}, std::chrono::seconds(60));
      ++waits;
    }
    CHECK(clock::now() - asked >= milliseconds(990));
    CHECK(waits > 0);
    brokers.delay(0);
  }
  CHECK(reports.delivered == std::vector<std::uint64_t>{1, 2, 3});
}
