#include "postman.hpp"

#include <algorithm>

namespace weir::summary_mail {

Postman::Postman(std::size_t mails, RetryRules rules, World world, std::uint64_t seed)
    : rules_(rules), world_(std::move(world)), back_off_(rules.first_pause, rules.longest_pause, seed) {
  for (std::size_t i = 0; i < mails; ++i) jobs_.push_back({i, 0, {}});
}

void Postman::give_up_all(const std::string& why) {
  // The limit of lines with the same reason; thousands of them help nobody.
  if (jobs_.size() == 1)
    world_.failed(jobs_.front().mail, why);
  else
    world_.all_failed(jobs_.size(), why);
  jobs_.clear();
}

bool Postman::step() {
  if (jobs_.empty() || stopped_) return false;
  const auto now = world_.now();
  if (now < next_) return true;
  const auto due = std::find_if(jobs_.begin(), jobs_.end(), [&](const Job& job) { return job.not_before <= now; });
  if (due == jobs_.end()) {
    next_ = std::min_element(jobs_.begin(), jobs_.end(), [](const Job& a, const Job& b) {
              return a.not_before < b.not_before;
            })->not_before;
    return true;
  }
  const std::optional<smtp::Delivery> delivery = world_.send(due->mail);
  if (!delivery) {
    jobs_.erase(due);
    return !jobs_.empty();
  }
  if (delivery->outcome != smtp::Outcome::unreachable) failures_in_a_row_ = 0;
  switch (delivery->outcome) {
    case smtp::Outcome::accepted: {
      const std::size_t mail = due->mail;
      jobs_.erase(due);
      world_.sent(mail);
      break;
    }
    case smtp::Outcome::refused: {
      const std::size_t mail = due->mail;
      jobs_.erase(due);
      (world_.refused ? world_.refused : world_.failed)(mail, delivery->reason);
      break;
    }
    case smtp::Outcome::busy: {
      Job job = *due;
      jobs_.erase(due);
      if (++job.tries > rules_.retries) {
        world_.failed(job.mail, delivery->reason);
        break;
      }
      const Duration length = back_off_.pause(job.tries);
      world_.pausing(job.mail, delivery->reason, length);
      job.not_before = now + length;
      jobs_.push_back(job);
      break;
    }
    case smtp::Outcome::unreachable:
      if (++failures_in_a_row_ > rules_.retries) {
        give_up_all(delivery->reason);
      } else {
        const Duration length = back_off_.pause(failures_in_a_row_);
        world_.pausing(std::nullopt, delivery->reason, length);
        next_ = now + length;
      }
      break;
    case smtp::Outcome::hopeless:
      give_up_all(delivery->reason);
      break;
    case smtp::Outcome::stopped:
      stopped_ = true;
      return false;
  }
  return !jobs_.empty();
}

}  // namespace weir::summary_mail
