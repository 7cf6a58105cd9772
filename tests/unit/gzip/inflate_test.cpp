#include "gzip/inflate.hpp"
#include "gzip/deflate.hpp"

#include <zlib.h>

#include "catch.hpp"

using namespace weir::gzip;

namespace {

/// `text` compressed by zlib itself: with 31 as gzip, with 15 as zlib.
std::string deflated(const std::string& text, int window) {
  z_stream stream{};
  REQUIRE(::deflateInit2(&stream, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string in = text;
  std::string out(::deflateBound(&stream, in.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return out;
}

}  // namespace

TEST_CASE("gzip and zlib streams are inflated, members one after the other too") {
  const std::string text(300'000, 'x');
  for (const int window : {15, 31}) {
    std::string out = "before";
    CHECK(inflate(deflated(text, window), text.size(), out) == Inflated::whole);
    CHECK(out == "before" + text);
  }
  std::string out;
  CHECK(inflate(deflated("ab", 31) + deflated("cd", 31), 4, out) == Inflated::whole);
  CHECK(out == "abcd");
}

TEST_CASE("a stream without a head is taken where that is asked for, and zlib's and gzip's as before") {
  // Stored, of fixed codes and of its own codes.
  for (const std::string& text :
       {std::string(), std::string("x"), std::string(300'000, 'x'), std::string(70'000, '\x78') + "\x9c"}) {
    for (const int window : {-15, 15, 31}) {
      const std::string stream = deflated(text, window);
      std::string out = "before";
      CHECK(inflate(stream, text.size(), out, RawDeflate::taken) == Inflated::whole);
      CHECK(out == "before" + text);
      if (window > 0) continue;
      out.clear();
      CHECK(inflate(stream, text.size(), out) == Inflated::damaged);
      CHECK(inflate(stream.substr(0, stream.size() - 1), text.size(), out, RawDeflate::taken) == Inflated::damaged);
      CHECK(inflate(stream + "x", text.size(), out, RawDeflate::taken) == Inflated::damaged);
    }
  }
  const std::string stored = std::string("\x01\x02\x00\xfd\xff", 5) + "ab";
  std::string out;
  CHECK(inflate(stored, 2, out, RawDeflate::taken) == Inflated::whole);
  CHECK(out == "ab");
  CHECK(inflate(stored, 1, out, RawDeflate::taken) == Inflated::too_large);
  for (const char* none : {"", "x", "no stream"})
    CHECK(inflate(none, 100, out, RawDeflate::taken) == Inflated::damaged);
}

TEST_CASE("a stream that holds more than the limit is given up early") {
  const std::string bomb = deflated(std::string(50'000'000, '0'), 31);
  std::string out;
  CHECK(inflate(bomb, 100'000, out) == Inflated::too_large);
  CHECK(out.size() < 300'000);
  out.clear();
  CHECK(inflate(deflated("abc", 31), 2, out) == Inflated::too_large);
}

TEST_CASE("a damaged stream is known") {
  const std::string good = deflated("some text that is long enough", 31);
  for (const std::string& bad :
       {std::string(), std::string("no stream"), good.substr(0, good.size() - 1), good.substr(0, 12), good + "tail"}) {
    std::string out;
    CHECK(inflate(bad, 1000, out) == Inflated::damaged);
  }
}

TEST_CASE("what is compressed comes back") {
  for (const std::string& text : {std::string(), std::string("a"), std::string(100'000, 'x')}) {
    std::string out;
    CHECK(inflate(compressed(text), 1 << 20, out) == Inflated::whole);
    CHECK(out == text);
  }
}
