#include "net/http_server/feed.hpp"

#include "catch.hpp"

using namespace weir::web;

TEST_CASE("a feed keeps the last messages within its bytes, at positions that do not change") {
  Feed feed(4 * (sizeof(Message) + 1000));
  for (std::uint64_t i = 0; i < 100; ++i)
    feed.add({MessageKind::record, i, std::string(1000, static_cast<char>('a' + i % 26))});
  CHECK(feed.end() == 100);
  CHECK(feed.begin() >= 96);
  CHECK(feed.bytes() <= 4 * (sizeof(Message) + 1000));
  for (std::uint64_t at = feed.begin(); at < feed.end(); ++at) CHECK(feed.at(at).ordinal == at);
  feed.clear();
  CHECK(feed.begin() == 100);
  CHECK(feed.end() == 100);
  CHECK(feed.bytes() == 0);
}

TEST_CASE("a message longer than the feed is forgotten at once") {
  Feed feed(1000);
  feed.add({MessageKind::record, 0, std::string(5000, 'x')});
  CHECK(feed.begin() == 1);
  CHECK(feed.end() == 1);
}

TEST_CASE("a caller may do so many at once, and so many a second") {
  RateLimiter limiter(2, 3);
  CHECK(limiter.allow("a", 0));
  CHECK(limiter.allow("a", 0));
  CHECK(limiter.allow("a", 0));
  CHECK_FALSE(limiter.allow("a", 0));
  CHECK(limiter.allow("b", 0));
  CHECK(limiter.allow("a", 0.5));
  CHECK_FALSE(limiter.allow("a", 0.6));
  CHECK(limiter.allow("a", 10));
}

TEST_CASE("of too many callers the one that waited longest is forgotten") {
  RateLimiter limiter(0.001, 1, 2);
  CHECK(limiter.allow("a", 0));
  CHECK(limiter.allow("b", 1));
  CHECK(limiter.allow("c", 2));
  CHECK_FALSE(limiter.allow("b", 3));
  CHECK(limiter.allow("a", 4));
}
