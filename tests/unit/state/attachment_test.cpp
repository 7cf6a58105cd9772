#include "state/attachment.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "catch.hpp"
#include "folder.hpp"
#include "saved_state.hpp"
#include "state/stage_folder.hpp"

using namespace weir;
using namespace weir::state;

namespace {

std::string problem_of(const std::string& path, const AttachmentMark& mark) {
  try {
    open_attachment(path, mark);
  } catch (const Unusable& problem) {
    return problem.what();
  }
  return {};
}

}  // namespace

TEST_CASE("an attachment comes back as it went, whatever stood there before") {
  const test::Folder folder;
  const std::string path = attachment_path(folder.path, 7);
  std::ofstream(path) << std::string(1000, 'x');
  std::string all;
  AttachmentMark mark;
  {
    Attachment attachment(path);
    for (int i = 0; i < 100; ++i) {  // larger than a block of writing and reading
      const std::string piece(100'000 + static_cast<std::size_t>(i), static_cast<char>('a' + i % 26));
      attachment.append(piece);
      all += piece;
    }
    mark = attachment.finish();
  }
  CHECK(mark.size == all.size());
  CHECK(mark.checksum == crc32c({all}));
  CHECK(test::content_of(path) == all);
  CHECK(problem_of(path, mark).empty());

  AttachmentMark back;
  test::load_state(back, test::saved_state(mark));
  CHECK(back.size == mark.size);
  CHECK(back.checksum == mark.checksum);
}

TEST_CASE("an attachment that is missing or damaged is not used") {
  const test::Folder folder;
  const std::string path = attachment_path(folder.path, 7);
  const std::string text = "one,two\nthree,four\n";
  AttachmentMark mark;
  {
    Attachment attachment(path);
    attachment.append(text);
    mark = attachment.finish();
  }
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string broken = text;
    broken[bit / 8] = static_cast<char>(static_cast<unsigned char>(broken[bit / 8]) ^ (1U << (bit % 8)));
    std::ofstream(path) << broken;
    CHECK(problem_of(path, mark).find("its checksum does not match") != std::string::npos);
  }
  std::ofstream(path) << text.substr(1);
  CHECK(problem_of(path, mark).find("18 bytes where there were 19") != std::string::npos);
  std::ofstream(path) << text << '\n';
  CHECK(problem_of(path, mark).find("20 bytes where there were 19") != std::string::npos);
  std::ofstream(path) << text;
  CHECK(problem_of(path, mark).empty());
  std::filesystem::remove(path);
  CHECK(problem_of(path, mark).find("is not there") != std::string::npos);
}

TEST_CASE("an attachment that was not finished leaves nothing") {
  const test::Folder folder;
  const std::string path = attachment_path(folder.path, 1);
  {
    Attachment attachment(path);
    attachment.append("rows");
    CHECK(std::filesystem::exists(path));
  }
  CHECK_FALSE(std::filesystem::exists(path));
  {
    Attachment attachment(path);
    attachment.finish();
    attachment.remove();
    attachment.remove();
  }
  CHECK_FALSE(std::filesystem::exists(path));
  std::filesystem::create_symlink(folder.file("elsewhere"), path);
  CHECK_THROWS_AS(Attachment(path), std::system_error);
}

TEST_CASE("attachments are removed with their snapshots, and those of a killed run at the next start") {
  const test::Folder folder;
  StageFolder stage(folder.path, "csv-append", {"csv-append", 2, ""});
  const auto attach = [&](std::uint64_t epoch) { Attachment(attachment_path(stage.path(), epoch)).finish(); };
  for (std::uint64_t epoch = 1; epoch <= 9; ++epoch) {
    stage.write(epoch, [](SnapshotWriter& to) { to.text("state"); });
    attach(epoch);
  }
  attach(10);  // its snapshot was never written
  CHECK(attachments_in(stage.path()).size() == 10);
  CHECK(stage.take("run-a", std::chrono::milliseconds(0)) == StageFolder::Taken::yes);
  CHECK(attachments_in(stage.path()) == stage.epochs());
  stage.keep(3, 8);
  CHECK(attachments_in(stage.path()) == std::vector<std::uint64_t>{3, 4, 5, 6, 7, 8});
  stage.keep(4, 8, 7);
  CHECK(stage.epochs() == std::vector<std::uint64_t>{4, 5, 6, 7, 8});
  CHECK(attachments_in(stage.path()) == std::vector<std::uint64_t>{7, 8});
}
