#include "postman.hpp"

#include <map>

#include "catch.hpp"

using namespace weir;
using namespace weir::summary_mail;
using smtp::Outcome;

namespace {

/// A scripted world that records events; its clock moves only on request.
struct Stage {
  std::map<std::size_t, std::vector<Outcome>> script;  ///< outcomes of a mail, attempt by attempt; then accepted
  std::map<std::size_t, std::size_t> tries;
  std::vector<std::string> log;
  Postman::clock::time_point now{};

  Postman postman(std::size_t mails, unsigned retries) {
    Postman::World world;
    world.send = [this](std::size_t mail) -> std::optional<smtp::Delivery> {
      const std::size_t attempt = tries[mail]++;
      const auto& outcomes = script[mail];
      return smtp::Delivery{attempt < outcomes.size() ? outcomes[attempt] : Outcome::accepted, "reason"};
    };
    world.sent = [this](std::size_t mail) { log.push_back("sent " + std::to_string(mail)); };
    world.failed = [this](std::size_t mail, const std::string&) { log.push_back("failed " + std::to_string(mail)); };
    world.all_failed = [this](std::size_t mails_left, const std::string&) {
      log.push_back("all failed " + std::to_string(mails_left));
    };
    world.pausing = [this](std::optional<std::size_t> mail, const std::string&, Duration length) {
      pauses.push_back(length);
      log.push_back(mail ? "later " + std::to_string(*mail) : "waiting");
    };
    world.now = [this] { return now; };
    return Postman(mails, {retries, std::chrono::seconds(1), std::chrono::seconds(4)}, std::move(world), 1);
  }

  void run(Postman& postman) {
    for (int steps = 0; postman.step(); ++steps) {
      REQUIRE(steps < 100);
      now = std::max(now, postman.next());
    }
  }

  std::vector<Duration> pauses;
};

using Log = std::vector<std::string>;

}  // namespace

TEST_CASE("a refused mail does not stop the others") {
  Stage stage;
  stage.script[1] = {Outcome::refused};
  Postman postman = stage.postman(3, 4);
  stage.run(postman);
  CHECK(stage.log == Log{"sent 0", "failed 1", "sent 2"});
  CHECK(postman.left() == 0);
}

TEST_CASE("a mail refused for now comes again after the others, so often as allowed") {
  Stage stage;
  stage.script[0] = {Outcome::busy, Outcome::busy};
  stage.script[1] = {Outcome::busy, Outcome::busy, Outcome::busy};
  Postman postman = stage.postman(3, 2);
  stage.run(postman);
  CHECK(stage.log.front() == "later 0");
  CHECK(stage.log[2] == "sent 2");
  CHECK(std::count(stage.log.begin(), stage.log.end(), "sent 0") == 1);
  CHECK(std::count(stage.log.begin(), stage.log.end(), "failed 1") == 1);
  CHECK(stage.tries[1] == 3);
}

TEST_CASE("an absent server is waited for, longer each time, and given up for all mails at once") {
  Stage stage;
  stage.script[1] = {Outcome::unreachable, Outcome::unreachable};
  Postman postman = stage.postman(3, 2);
  stage.run(postman);
  CHECK(stage.log == Log{"sent 0", "waiting", "waiting", "sent 1", "sent 2"});

  Stage absent;
  absent.script[0] = std::vector<Outcome>(9, Outcome::unreachable);
  Postman other = absent.postman(3, 5);
  absent.run(other);
  CHECK(absent.log == Log{"waiting", "waiting", "waiting", "waiting", "waiting", "all failed 3"});
  const std::vector<int> whole{1, 2, 4, 4, 4};
  for (std::size_t i = 0; i < whole.size(); ++i) {
    CHECK(absent.pauses[i] <= std::chrono::seconds(whole[i]));
    CHECK(absent.pauses[i] >= std::chrono::milliseconds(500 * whole[i]));
  }
}

TEST_CASE("a hopeless error ends it; one mail is named, more are counted") {
  Stage stage;
  stage.script[1] = {Outcome::hopeless};
  Postman postman = stage.postman(3, 4);
  stage.run(postman);
  CHECK(stage.log == Log{"sent 0", "all failed 2"});
  Stage single;
  single.script[0] = {Outcome::hopeless};
  Postman alone = single.postman(1, 4);
  single.run(alone);
  CHECK(single.log == Log{"failed 0"});
}

TEST_CASE("a stop leaves the rest as it is") {
  Stage stage;
  stage.script[1] = {Outcome::stopped};
  Postman postman = stage.postman(3, 4);
  stage.run(postman);
  CHECK(stage.log == Log{"sent 0"});
  CHECK(postman.stopped());
  CHECK(postman.left() == 2);
}
