#include "answer_cache.hpp"

#include "catch.hpp"

using namespace weir;
using namespace weir::rec_enrich;

namespace {

/// Whether the key has to be asked for; it is answered then.
bool asks(AnswerCache& cache, std::string_view key, tables::Position at = 0) {
  bool fresh = false;
  AnswerCache::Entry& entry = cache.use(key, at, fresh);
  CHECK(entry.key == key);
  if (fresh) entry.outcome = Outcome::found;
  return fresh;
}

}  // namespace

TEST_CASE("the answers that were used last are kept") {
  AnswerCache cache(2, std::nullopt);
  CHECK(asks(cache, "a"));
  CHECK(asks(cache, "b"));
  CHECK_FALSE(asks(cache, "a"));
  CHECK(asks(cache, "c"));
  CHECK_FALSE(asks(cache, "a"));
  CHECK(asks(cache, "b"));
  CHECK(cache.size() == 2);
}

TEST_CASE("what is under way stays, and is not asked for again") {
  AnswerCache cache(1, std::nullopt);
  bool fresh = false;
  AnswerCache::Entry& a = cache.use("a", 0, fresh);
  CHECK(fresh);
  static_cast<void>(cache.use("b", 0, fresh));
  CHECK(cache.size() == 2);
  CHECK(&cache.use("a", 0, fresh) == &a);
  CHECK_FALSE(fresh);
  a.outcome = Outcome::missing;
  static_cast<void>(cache.use("c", 0, fresh));
  CHECK(cache.size() == 2);
}

TEST_CASE("an answer older than the record by more than its time is asked for again") {
  AnswerCache cache(10, Duration(100));
  CHECK(asks(cache, "a", 1000));
  CHECK_FALSE(asks(cache, "a", 1100));
  CHECK_FALSE(asks(cache, "a", 5));
  CHECK(asks(cache, "a", 1101));
  CHECK_FALSE(asks(cache, "a", 1201));
}
