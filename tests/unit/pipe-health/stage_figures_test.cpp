#include "stage_figures.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "catch.hpp"
#include "folder.hpp"

using namespace weir::pipe_health;

TEST_CASE("samples of a name stand together after one head") {
  const std::string one =
      "# HELP a_total What a is\n# TYPE a_total counter\na_total{tool=\"x\"} 1\n# HELP b How long\n# TYPE b histogram\n"
      "b_bucket{le=\"+Inf\"} 2\nb_sum 1\nb_count 2\n";
  const std::string two = "# HELP a_total Another text\n# TYPE a_total counter\na_total{tool=\"y\"} 3\n";
  CHECK(merged({one, two}) ==
        "# HELP a_total What a is\n# TYPE a_total counter\na_total{tool=\"x\"} 1\na_total{tool=\"y\"} 3\n"
        "# HELP b How long\n# TYPE b histogram\nb_bucket{le=\"+Inf\"} 2\nb_sum 1\nb_count 2\n");
}

TEST_CASE("what is none of a page is left out") {
  CHECK(merged({"a 1\n", "# HELP a-b x\na-b 1\n", "# HELP c x\nd 1\ncc 1\n", "\n\n#\n# HELP\n# HELP \n"}) == "");
  CHECK(merged({"# HELP c x\nc 1"}) == "# HELP c x\nc 1\n");
  CHECK(figures_in("/nowhere/at/all") == "");
}

TEST_CASE("what is no short regular file is not waited for") {
  const weir::test::Folder folder;
  REQUIRE(::mkfifo((folder.path + "/a.prom").c_str(), 0600) == 0);
  REQUIRE(::mkdir((folder.path + "/b.prom").c_str(), 0700) == 0);
  std::ofstream(folder.path + "/c.prom") << "# HELP c x\nc 1\n";
  std::ofstream(folder.path + "/d.prom") << "# HELP d x\nd 1\n" << std::string(1 << 20, '#');
  REQUIRE(::symlink("/dev/zero", (folder.path + "/e.prom").c_str()) == 0);
  CHECK(figures_in(folder.path) == "# HELP c x\nc 1\n");
}
