#include "program.hpp"

#include <utility>

namespace weir::cep_match {
namespace {

/// The most parts that are looked at: repeats of what has no steps would go on for ever.
constexpr std::size_t max_visits = 50 * max_pattern;

/// How a part is reached: the link to the step before, and what must not come before it.
struct Way {
  Link link = Link::next;
  bool written = false;  ///< not before the first step, which has no link
  Labels absent = 0;     ///< up to the first step that must come
  Labels through = 0;    ///< before every step of the part, which is of an optional one
};

class Compiler {
 public:
  explicit Compiler(Link again) : again_(again) {}

  std::vector<Instruction> compile(const Pattern& pattern) {
    add(pattern, {});
    emit({Op::accept});
    return std::move(code_);
  }
  /// Whether a step other than the first must follow at once.
  bool has_next() const { return has_next_; }

 private:
  std::uint32_t emit(const Instruction& instruction) {
    if (code_.size() == max_pattern) fail_too_large();
    code_.push_back(instruction);
    return static_cast<std::uint32_t>(code_.size() - 1);
  }
  std::uint32_t here() const { return static_cast<std::uint32_t>(code_.size()); }

  void add(const Pattern& pattern, Way way) {
    if (++visits_ > max_visits) fail_too_large();
    if (way.absent != 0 && pattern.may_be_empty()) way.through |= std::exchange(way.absent, 0);
    switch (pattern.kind) {
      case Pattern::Kind::empty:
        return;
      case Pattern::Kind::label: {
        Instruction made{Op::label};
        made.link = way.link;
        made.absent = way.absent | way.through;
        made.label = pattern.label;
        made.excluded = excluded_;
        emit(made);
        has_next_ = has_next_ || (made.link == Link::next && way.written);
        return;
      }
      case Pattern::Kind::sequence:
        return add_sequence(pattern, way);
      case Pattern::Kind::alternation:
        return add_alternation(pattern, way);
      case Pattern::Kind::repeat:
        return add_repeat(pattern, way);
      case Pattern::Kind::start:
        emit({Op::start});
        return;
      case Pattern::Kind::end:
        emit({Op::end});
        return;
      case Pattern::Kind::exclusion: {
        const bool before = excluded_;
        excluded_ = true;
        add(pattern.parts.front(), way);
        excluded_ = before;
        return;
      }
      case Pattern::Kind::absence:
        return add_absence(pattern);
    }
  }

  void add_absence(const Pattern& pattern) {
    Instruction made{pattern.link == Link::next ? Op::not_next : Op::absence};
    made.absent = pattern.absent;
    made.duration = pattern.duration;
    emit(made);
  }

  void add_sequence(const Pattern& pattern, const Way& way) {
    Way now = way;
    for (std::size_t i = 0; i < pattern.parts.size(); ++i) {
      const Pattern& part = pattern.parts[i];
      if (i > 0) {
        now.link = part.link;
        now.written = true;
      }
      const bool last = i + 1 == pattern.parts.size();
      if (part.kind == Pattern::Kind::absence && part.link == Link::then && !part.duration && !last) {
        now.absent |= part.absent;  // up to the next step
        continue;
      }
      add(part, now);
      if (part.kind == Pattern::Kind::absence || !part.may_be_empty()) now.absent = 0;
    }
  }

  void add_alternation(const Pattern& pattern, const Way& way) {
    std::vector<std::uint32_t> ends;
    for (std::size_t i = 0; i < pattern.parts.size(); ++i) {
      const bool last = i + 1 == pattern.parts.size();
      const std::uint32_t split = last ? 0 : emit({Op::split});
      if (!last) code_[split].x = here();
      add(pattern.parts[i], way);
      if (last) break;
      ends.push_back(emit({Op::jump}));
      code_[split].y = here();
    }
    for (const std::uint32_t end : ends) code_[end].x = here();
  }

  /// x{2,4} is x x (x (x)?)?, x{2,} is x x+.
  void add_repeat(const Pattern& pattern, const Way& way) {
    const Pattern& part = pattern.parts.front();
    Way again = way;
    again.absent = 0;
    if (!way.written) again.link = again_;
    again.written = true;
    const bool same = again.link == way.link && way.absent == 0 && (way.written || again_ == Link::next);
    const bool unlimited = pattern.most == Pattern::unlimited;
    std::uint32_t rounds = 0;
    const auto round = [&] { add(part, rounds++ == 0 ? way : again); };
    // The last of the rounds that must be is that of the loop, where all rounds are alike.
    const bool loops_once = unlimited && pattern.least > 0 && (same || pattern.least > 1);
    for (std::uint32_t i = loops_once ? 1 : 0; i < pattern.least; ++i) round();
    if (loops_once) {
      const std::uint32_t body = here();
      round();
      add_loop(body, pattern.greed);
    } else if (unlimited && (same || rounds > 0)) {
      add_star(part, again, pattern.greed);
    } else if (unlimited) {
      const std::uint32_t split = emit({Op::split});
      const std::uint32_t body = here();
      round();
      add_star(part, again, pattern.greed);
      close(split, body, pattern.greed);
    } else {
      std::vector<std::pair<std::uint32_t, std::uint32_t>> open;
      for (std::uint32_t i = pattern.least; i < pattern.most; ++i) {
        const std::uint32_t split = emit({Op::split});
        open.emplace_back(split, here());
        round();
      }
      for (const auto& [split, body] : open) close(split, body, pattern.greed);
    }
  }

  /// Goes back to `body`, or on.
  void add_loop(std::uint32_t body, Greed greed) {
    const std::uint32_t loop = emit({Op::loop});
    close(loop, body, greed);
  }

  void add_star(const Pattern& part, const Way& way, Greed greed) {
    const std::uint32_t loop = emit({Op::loop});
    const std::uint32_t body = here();
    add(part, way);
    const std::uint32_t back = emit({Op::jump});
    code_[back].x = loop;
    close(loop, body, greed);
  }

  /// Of a split or loop: into the body or past what has been emitted, the likelier first.
  void close(std::uint32_t split, std::uint32_t body, Greed greed) {
    Instruction& made = code_[split];
    made.exit = here();
    made.x = greed == Greed::greedy ? body : here();
    made.y = greed == Greed::greedy ? here() : body;
  }

  Link again_;
  std::vector<Instruction> code_;
  std::size_t visits_ = 0;
  bool excluded_ = false;
  bool has_next_ = false;
};

/// The variables with which a match may begin; whether it may have no record.
void find_first(Program& program) {
  std::vector<char> seen(program.code.size());
  std::vector<std::uint32_t> open{0};
  while (!open.empty()) {
    const std::uint32_t at = open.back();
    open.pop_back();
    if (seen[at] != 0) continue;
    seen[at] = 1;
    const Instruction& each = program.code[at];
    switch (each.op) {
      case Op::label:
        program.first |= Labels{1} << each.label;
        break;
      case Op::split:
      case Op::loop:
        open.push_back(each.x);
        open.push_back(each.y);
        break;
      case Op::jump:
        open.push_back(each.x);
        break;
      case Op::accept:
        program.may_be_empty = true;
        break;
      default:  // an anchor, an absence
        open.push_back(at + 1);
    }
  }
}

}  // namespace

Program compile(const PatternSettings& pattern, Link again) {
  Program program;
  Compiler compiler(again);
  program.code = compiler.compile(pattern.pattern);
  program.has_next = compiler.has_next();
  program.within = pattern.within;
  program.gap = pattern.gap;
  program.absent_before = pattern.absent_before;
  program.before = pattern.before;
  find_first(program);
  program.used = pattern.absent_before;
  for (const Instruction& each : program.code) {
    program.used |= each.absent;
    if (each.op == Op::label) {
      program.used |= Labels{1} << each.label;
      program.has_then = program.has_then || each.link == Link::then;
    }
    program.waits = program.waits || each.op == Op::absence;
    program.has_then = program.has_then || each.op == Op::absence;
    program.looks_ahead = program.looks_ahead || each.op == Op::not_next || each.op == Op::end;
  }
  if (program.looks_ahead) program.has_next = true;
  return program;
}

}  // namespace weir::cep_match
