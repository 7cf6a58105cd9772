#include "pipeline/epoch_order.hpp"

#include "catch.hpp"

using namespace weir;

namespace {

const std::string run_name(32, 'a');

Control control(Control::Type type, std::uint64_t epoch = 0) {
  Control made;
  made.type = type;
  made.epoch = epoch;
  made.run = run_name;
  return made;
}
Control begin() { return control(Control::Type::begin); }
Control restore(std::uint64_t epoch) { return control(Control::Type::restore, epoch); }
Control barrier(std::uint64_t epoch) { return control(Control::Type::barrier, epoch); }
Control final_barrier(std::uint64_t epoch) {
  Control made = barrier(epoch);
  made.final = true;
  return made;
}
Control end() { return control(Control::Type::end); }

EpochOrder after(std::initializer_list<Control> controls) {
  EpochOrder order;
  for (const Control& each : controls) order.take(each);
  return order;
}

}  // namespace

TEST_CASE("a run from begin to final barrier") {
  EpochOrder order;
  CHECK_FALSE(order.has_begun());
  order.take(begin());
  CHECK(order.has_begun());
  CHECK(order.run() == run_name);
  CHECK_FALSE(order.has_restored());
  order.take(restore(41));
  CHECK(order.has_restored());
  CHECK(order.epoch() == 41);
  order.expect_record();
  order.take(barrier(42));
  order.expect_record();
  CHECK_FALSE(order.is_over());
  SECTION("with the end of the input") {
    order.take(end());
    CHECK_FALSE(order.is_over());
    order.take(final_barrier(43));
    CHECK(order.is_finished());
  }
  SECTION("or without it: the source was stopped") {
    order.take(final_barrier(43));
    CHECK_FALSE(order.is_finished());
  }
  CHECK(order.is_over());
  CHECK(order.epoch() == 43);
}

TEST_CASE("control lines out of order are an error") {
  const auto fails = [](EpochOrder order, const Control& next, const std::string& what) {
    CHECK_THROWS_WITH(order.take(next), contains_text(what + " comes out of order"));
  };
  fails(after({begin()}), begin(), "a second begin");
  fails(after({begin(), restore(0)}), begin(), "a second begin");
  fails(after({}), restore(0), "a restore");
  fails(after({begin(), restore(0)}), restore(0), "a restore");
  Control other = restore(0);
  other.run = std::string(32, 'b');
  fails(after({begin()}), other, "a restore");
  fails(after({}), barrier(1), "a barrier");
  fails(after({begin()}), barrier(1), "a barrier");
  fails(after({begin(), restore(7)}), barrier(7), "a barrier");
  fails(after({begin(), restore(7)}), barrier(9), "a barrier");
  fails(after({begin(), restore(7), barrier(8)}), barrier(8), "a barrier");
  fails(after({begin(), restore(7), end()}), barrier(8), "a barrier");
  fails(after({begin(), restore(7), final_barrier(8)}), barrier(9), "a barrier");
  fails(after({begin(), restore(7), final_barrier(8)}), final_barrier(9), "a barrier");
  fails(after({}), end(), "the end of input");
  fails(after({begin()}), end(), "the end of input");
  fails(after({begin(), restore(7), end()}), end(), "the end of input");
}

TEST_CASE("a record may come only between restore and end") {
  CHECK_THROWS_AS(after({}).expect_record(), cli::UsageError);
  const auto fails = [](const EpochOrder& order) {
    CHECK_THROWS_WITH(order.expect_record(), contains_text("a record comes out of order"));
  };
  fails(after({begin()}));
  fails(after({begin(), restore(0), end()}));
  fails(after({begin(), restore(0), final_barrier(1)}));
}

TEST_CASE("an input that ends before its final barrier") {
  // A source that has not begun reports the reason itself.
  CHECK(after({}).ended_early() == cli::Exit::done);
  CHECK(after({begin()}).ended_early() == cli::Exit::done);
  CHECK_THROWS_WITH(after({begin(), restore(0)}).ended_early(), contains_text("ended without its last barrier"));
  CHECK_THROWS_WITH(after({begin(), restore(0), end()}).ended_early(), contains_text("without its last barrier"));
}

TEST_CASE("messages name the input where there are several") {
  EpochOrder order("left.fifo");
  CHECK_THROWS_WITH(order.expect_record(), contains_text("left.fifo: with --state"));
  CHECK_THROWS_WITH(order.take(end()), contains_text("left.fifo: the end of input comes out of order"));
}
