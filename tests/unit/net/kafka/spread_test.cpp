// Which partition messages without a key go to, of those of librdkafka's own mock cluster.
#include "net/kafka/spread.hpp"

#include <librdkafka/rdkafka_mock.h>

#include <chrono>
#include <memory>
#include <set>
#include <thread>

#include "catch.hpp"

using namespace weir;

namespace {

/// A topic of three partitions.
class MockTopic {
 public:
  MockTopic()
      : client_(rd_kafka_new(RD_KAFKA_PRODUCER, with_mock(), nullptr, 0), rd_kafka_destroy),
        topic_(rd_kafka_topic_new(client_.get(), "readings", nullptr), rd_kafka_topic_destroy) {
    rd_kafka_mock_topic_create(rd_kafka_handle_mock_cluster(client_.get()), "readings", 3, 1);
    const rd_kafka_metadata_t* metadata = nullptr;
    REQUIRE(rd_kafka_metadata(client_.get(), 0, topic_.get(), &metadata, 10'000) == RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_metadata_destroy(metadata);
    // The library learns the leaders in a thread of its own, after the answer.
    for (int i = 0; i < 1000 && !is_ready(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    REQUIRE(is_ready());
  }
  const rd_kafka_topic_t& operator*() const { return *topic_; }

 private:
  static rd_kafka_conf_t* with_mock() {
    rd_kafka_conf_t* const conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", nullptr, 0);
    return conf;
  }
  bool is_ready() const {
    for (std::int32_t each = 0; each < 3; ++each)
      if (rd_kafka_topic_partition_available(topic_.get(), each) == 0) return false;
    return true;
  }
  std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)> client_;
  std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)> topic_;
};

std::optional<kafka::Spreading> spreading(const char* partitioner, const char* linger) {
  std::unique_ptr<rd_kafka_conf_t, decltype(&rd_kafka_conf_destroy)> conf(rd_kafka_conf_new(), rd_kafka_conf_destroy);
  rd_kafka_conf_set(conf.get(), "sticky.partitioning.linger.ms", linger, nullptr, 0);
  rd_kafka_conf_set(conf.get(), "partitioner", partitioner, nullptr, 0);
  return kafka::Spreading::of(*conf, 1000);
}

}  // namespace

TEST_CASE("messages without a key go on to the partition with the fewest bytes on their way") {
  const MockTopic topic;
  kafka::Spread spread({rd_kafka_msg_partitioner_murmur2_random, false, std::chrono::hours(1), 1000});
  const auto now = [] { return std::chrono::steady_clock::now(); };
  const auto choose = [&] { return spread.choose(*topic, nullptr, 0, 3, nullptr); };
  CHECK(!spread.current(now()));

  const auto first = choose();
  spread.add(900);
  CHECK(spread.current(now()) == first);  // a batch is not full yet
  CHECK(choose() == first);
  spread.add(100);
  CHECK(!spread.current(now()));
  const auto second = choose();
  spread.add(1000);
  CHECK_FALSE(spread.is_busy());  // one has nothing to do
  const auto third = choose();
  spread.add(2000);
  CHECK(std::set<std::int32_t>{first, second, third} == std::set<std::int32_t>{0, 1, 2});

  CHECK(spread.is_busy());
  spread.remove(second, 1000);
  CHECK_FALSE(spread.is_busy());
  CHECK(choose() == second);
  CHECK(!spread.current(now() + std::chrono::hours(2)));  // time has passed

  // Those with a key go by it, and end nothing.
  CHECK(spread.choose(*topic, "berlin", 6, 3, nullptr) ==
        rd_kafka_msg_partitioner_murmur2(&*topic, "berlin", 6, 3, nullptr, nullptr));
}

TEST_CASE("the library spreads by itself where messages without a key have one partition, or any") {
  CHECK(spreading("murmur2_random", "10")->longest == std::chrono::milliseconds(10));
  CHECK(spreading("murmur2_random", "10")->empty_is_none == false);
  CHECK(spreading("consistent_random", "10")->empty_is_none);
  CHECK(spreading("fnv1a_random", "10"));
  CHECK(spreading("random", "10"));
  for (const char* each : {"murmur2", "consistent", "fnv1a"}) CHECK(!spreading(each, "10"));
  CHECK(!spreading("murmur2_random", "0"));
}
