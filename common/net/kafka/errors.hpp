// What Kafka may answer that a retry does not help against.
#pragma once
#include <stdexcept>

namespace weir::kafka {

/// A broker refuses this client for good (login, certificate), or the settings cannot be used.
class Refused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// No broker has answered within --retry-for.
class Unreachable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The producer cannot go on: another one has taken over its transactional id, or a transaction has timed out. What was
/// not committed is gone; a new run begins again from the last commit.
class Fenced : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace weir::kafka
