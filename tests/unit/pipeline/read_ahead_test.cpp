#include "pipeline/read_ahead.hpp"

#include <fcntl.h>

#include <random>
#include <thread>

#include "fixtures.hpp"
#include "pipeline/wait.hpp"

using namespace weir;
using namespace weir::test;

namespace {

constexpr std::size_t max_line = 2000;

/// Keeps the number of a record that has one in `x`.
class NumberReader : public RecordReader {
 public:
  explicit NumberReader(FieldId x) : x_(x) {}
  bool read(const Record& record, EntryBuffer& entries) override {
    double number = 0;
    std::memcpy(entries.append(sizeof number), &number, sizeof number);  // cut off again where there is none
    if (!record[x_].read(number)) return false;
    std::memcpy(entries.append(sizeof number), &number, sizeof number);
    return true;
  }

 private:
  FieldId x_;
};

/// `number:text`, with `!` for a line that is too long, and with the number of a record that was read.
std::string shown(std::uint64_t number, std::string_view text, bool too_long, const std::string& x) {
  return std::to_string(number) + (too_long ? "!" : ":") + std::string(text) + x;
}

struct Fields {
  FieldSet set;
  FieldId x = set.add("x");
  ReadAhead::Setup setup(std::size_t threads) {
    return {threads, set, Checking::structure, max_line, [this] { return std::make_unique<NumberReader>(x); }};
  }
};

/// All lines of a file, as a LineReader and a parser have them.
std::vector<std::string> by_one(int fd) {
  Fields fields;
  RecordParser parser(fields.set);
  LineReader reader(fd, max_line);
  std::vector<std::string> lines;
  for (LineReader::Fill fill = LineReader::Fill::data;;) {
    while (const auto line = reader.next()) {
      const Record* const record = line->too_long ? nullptr : parser.parse_copy(line->text, line->number);
      double number = 0;
      const bool read = record != nullptr && (*record)[fields.x].read(number);
      lines.push_back(shown(line->number, line->text, line->too_long, read ? " " + std::to_string(number) : ""));
    }
    if (fill == LineReader::Fill::end) return lines;
    fill = reader.fill();
  }
}

/// The same of threads; what has come when the input pauses is there.
std::vector<std::string> by_many(ReadAhead& ahead, int fd) {
  std::vector<std::string> lines;
  std::uint64_t number = 0;
  ahead.open(fd);
  for (;;) {
    const ReadBlock* block = nullptr;
    switch (ahead.next(block)) {
      case ReadAhead::Next::end:
        return lines;
      case ReadAhead::Next::input: {
        pollfd input{fd, POLLIN, 0};
        wait_for({&input, 1}, no_limit);
        ahead.wait_over();
        break;
      }
      case ReadAhead::Next::block:
        const std::byte* entry = block->entries.data();
        for (const ReadBlock::Item& item : block->items) {
          double x = 0;
          if (item.entry != 0) std::memcpy(&x, entry + sizeof x, sizeof x);
          entry += item.entry;
          lines.push_back(shown(++number, block->lines.substr(item.begin, std::min<std::size_t>(item.length, max_line)),
                                item.length > max_line, item.entry != 0 ? " " + std::to_string(x) : ""));
        }
        ahead.release();
    }
  }
}

/// Records, bad lines, blank ones, some that are too long, of some `size` bytes.
std::string content(std::mt19937& random, std::size_t size) {
  std::string text = random() % 2 == 0 ? "\xEF\xBB\xBF" : "";
  while (text.size() < size) {
    const auto dice = random() % 1000;
    if (dice < 900)
      text += "{\"x\":" + std::to_string(random() % 1000) + ",\"note\":\"" + std::string(random() % 60, 'n') + "\"}";
    else if (dice < 940)
      text += "{\"note\":1,\"x\":\"none\"}";
    else if (dice < 980)
      text += std::vector<std::string>{"", " ", "{", "\r", "{\"x\":1}{", "{\"@ctl\":\"new\"}", "\x01"}[random() % 7];
    else if (dice < 999)
      text += std::string(max_line - 3 + random() % 6, 'l');
    else
      text += std::string(300'000 + random() % 300'000, 'v');
    text += random() % 10 == 0 ? "\r\n" : "\n";
  }
  if (random() % 2 == 0 && !text.empty()) text.pop_back();
  return text;
}

struct File {
  File(const Folder& folder, std::string_view bytes) {
    folder.write("in", bytes);
    fd.reset(::open(folder.file("in").c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(fd.get() >= 0);
  }
  state::Descriptor fd{-1};
};

}  // namespace

TEST_CASE("lines of a file and of a pipe are those of a LineReader, with any number of threads") {
  const auto seed = GENERATE(range(1U, 9U));
  std::mt19937 random(seed);
  const Folder folder;
  const std::string bytes = content(random, std::vector<std::size_t>{0, 3, 262'144, 900'000}[seed % 4]);
  const auto expected = by_one(File(folder, bytes).fd.get());
  for (const int threads : {1, 2, 5}) {
    Fields fields;
    ReadAhead ahead(fields.setup(static_cast<std::size_t>(threads)));
    const File file(folder, bytes);
    CHECK(by_many(ahead, file.fd.get()) == expected);
    CHECK(::lseek(file.fd.get(), 0, SEEK_CUR) == static_cast<off_t>(bytes.size()));
    // The next file of the same threads is a pipe.
    Ends pipe;
    std::thread writer([&] {
      for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t size = std::min<std::size_t>(bytes.size() - at, 1 + random() % 40'000);
        if (::write(pipe.write.get(), bytes.data() + at, size) != static_cast<ssize_t>(size)) break;
        at += size;
      }
      pipe.write.reset(-1);
    });
    CHECK(by_many(ahead, pipe.read.get()) == expected);
    writer.join();
  }
}

TEST_CASE("the first bytes of a file that were read before are not read again") {
  const Folder folder;
  std::string bytes = "read before\n";
  for (int i = 0; i < 40'000; ++i) bytes += "{\"x\":" + std::to_string(i) + "}\n";
  const File file(folder, bytes);
  ::lseek(file.fd.get(), 12, SEEK_SET);
  Fields fields;
  ReadAhead ahead(fields.setup(3));
  const auto lines = by_many(ahead, file.fd.get());
  REQUIRE(lines.size() == 40'000);
  CHECK(lines.front() == "1:{\"x\":0} 0.000000");
  CHECK(lines.back() == "40000:{\"x\":39999} 39999.000000");
}

TEST_CASE("threads end while blocks are left, and while they wait") {
  const Folder folder;
  const File file(folder, std::string(4'000'000, '\n'));
  Fields fields;
  {
    ReadAhead ahead(fields.setup(4));
    ahead.open(file.fd.get());
    ahead.wait_over();
    const ReadBlock* block = nullptr;
    CHECK(ahead.next(block) == ReadAhead::Next::block);
  }
  const ReadAhead idle(fields.setup(4));
}

TEST_CASE("what goes wrong in a thread comes out in its place") {
  const Folder folder;
  const state::Descriptor fd(::open(folder.path.c_str(), O_RDONLY | O_CLOEXEC));
  Fields fields;
  ReadAhead ahead(fields.setup(2));
  CHECK_THROWS_WITH(by_many(ahead, fd.get()), contains_text("reading the input"));

  class Fails : public RecordReader {
    bool read(const Record& record, EntryBuffer& /*entries*/) override {
      if (record.line() == "{\"x\":9}") throw std::runtime_error("the ninth");
      return false;
    }
  };
  ReadAhead::Setup setup = fields.setup(3);
  setup.make_reader = [] { return std::make_unique<Fails>(); };
  ReadAhead failing(setup);
  std::string bytes;
  for (int i = 0; i < 100'000; ++i) bytes += "{\"x\":1}\n";
  const File file(folder, bytes + "{\"x\":9}\n" + bytes);
  failing.open(file.fd.get());
  failing.wait_over();
  const ReadBlock* block = nullptr;
  std::size_t lines = 0;
  CHECK_THROWS_WITH(
      [&] {
        while (failing.next(block) == ReadAhead::Next::block) {
          lines += block->items.size();
          failing.release();
        }
      }(),
      "the ninth");
  CHECK(lines > 50'000);
  CHECK(lines <= 100'000);
}
