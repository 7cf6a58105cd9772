// Requests that come again.
#pragma once
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "state/archive.hpp"

namespace weir::http_recv {

/// Remembers the last requests that had an id, and how many of their records were stored. Bounded: of more than `most`
/// the oldest is forgotten.
class Repeats {
 public:
  struct Known {
    std::string id{};
    std::string body{};        ///< its digest; empty: it may differ
    std::uint64_t pieces = 0;  ///< records of the request, good and bad
    std::uint64_t accepted = 0;
    std::uint64_t rejected = 0;

    /// Of a request that a crash cut off, the first pieces alone are stored.
    std::uint64_t stored() const { return accepted + rejected; }
    bool complete() const { return stored() == pieces; }
    void state(StateArchive& archive) { archive.values(id, body, pieces, accepted, rejected); }
  };

  explicit Repeats(std::size_t most) : most_(most) {}

  /// The request with this id, if it is remembered.
  Known* find(std::string_view id);
  /// Notes a request; one of the same id begins anew.
  Known& begin(std::string_view id, std::string_view body, std::uint64_t pieces);
  void state(StateArchive& archive);

 private:
  std::size_t most_;
  std::list<Known> order_;  ///< the oldest first
  std::unordered_map<std::string_view, std::list<Known>::iterator> places_;
};

}  // namespace weir::http_recv
