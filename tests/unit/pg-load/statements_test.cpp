#include "statements.hpp"

#include "catch.hpp"
#include "refusal.hpp"

using namespace weir;
using namespace weir::pg_load;

namespace {

Destination plain() { return {R"("t")", {R"("a")", R"("b")"}, {}, {}, "", "", "", "t"}; }
Destination upsert() {
  return {R"("t")", {R"("k")", R"("v")"}, {R"("k")"}, {R"("v")"}, "", R"(pg_temp."s")", R"("o")", "s"};
}

}  // namespace

TEST_CASE("statements of a plain load") {
  CHECK(copy_statement(plain()) == R"(COPY "t" ("a","b") FROM STDIN;)");
  CHECK(upsert_statement(plain(), Doubles::possible, std::nullopt).empty());
}

TEST_CASE("statements of an upsert") {
  CHECK(copy_statement(upsert()) == R"(COPY pg_temp."s" ("o","k","v") FROM STDIN;)");
  CHECK(
      upsert_statement(upsert(), Doubles::none, std::nullopt) ==
      R"(INSERT INTO "t" AS weir_was ("k","v") OVERRIDING SYSTEM VALUE SELECT "k","v" FROM pg_temp."s" ON CONFLICT ("k") )"
      R"(DO UPDATE SET "v"=EXCLUDED."v" WHERE ROW(weir_was."v")::record *<> ROW(EXCLUDED."v")::record;)");
  CHECK(
      upsert_statement(upsert(), Doubles::possible, RowRange{3, 5}) ==
      R"(INSERT INTO "t" AS weir_was ("k","v") OVERRIDING SYSTEM VALUE SELECT "k","v" FROM )"
      R"((SELECT DISTINCT ON ("k") * FROM pg_temp."s" WHERE "o" BETWEEN 3 AND 5 ORDER BY "k","o" DESC) AS weir_last ON CONFLICT ("k") )"
      R"(DO UPDATE SET "v"=EXCLUDED."v" WHERE ROW(weir_was."v")::record *<> ROW(EXCLUDED."v")::record;)");
  Destination keys_only = upsert();
  keys_only.updated.clear();
  CHECK(upsert_statement(keys_only, Doubles::none, std::nullopt).ends_with(R"(ON CONFLICT ("k") DO NOTHING;)"));
}

TEST_CASE("with --newest the greatest value wins, and the last of these") {
  Destination newest = upsert();
  newest.newest = R"("v")";
  const std::string statement = upsert_statement(newest, Doubles::possible, std::nullopt);
  CHECK(statement.find(R"(ORDER BY "k","v" DESC,"o" DESC)") != std::string::npos);
  CHECK(statement.ends_with(R"( AND (weir_was."v" IS NULL OR EXCLUDED."v">=weir_was."v");)"));
}

TEST_CASE("the statement of an epoch names pipeline, run and the epoch before") {
  CHECK(epoch_statement("'p'", "'r'", 42) ==
        "UPDATE weir_epoch SET epoch = 42 WHERE pipe = 'p' AND run = 'r' AND epoch = 41 RETURNING epoch");
  CHECK(epoch_statement("'p'", "'r'", 1, "2026-01-01T00:00:00Z") ==
        "UPDATE weir_epoch SET epoch = 1, watermark = greatest(watermark, '2026-01-01T00:00:00Z'::timestamptz) WHERE pipe "
        "= 'p' AND run = 'r' AND epoch = 0 RETURNING epoch");
}

TEST_CASE("the line that the server complains of, in any language") {
  CHECK(copy_line("COPY t, line 17, column x: \"abc\"", "t") == 17u);
  CHECK(copy_line("COPY t, Zeile 3: \"1\t2\"", "t") == 3u);
  CHECK(copy_line("PL/pgSQL function f() line 2 at RAISE COPY t, line 9: \"x\"", "t") == 9u);
  CHECK(copy_line("COPY t 5, line 17", "t 5") == 17u);
  CHECK_FALSE(copy_line("COPY other, line 17", "t").has_value());
  CHECK_FALSE(copy_line("SQL statement \"SELECT 1\"", "t").has_value());
  CHECK_FALSE(copy_line("COPY t, line 99999999999999999999999", "t").has_value());
  CHECK_FALSE(copy_line("", "t").has_value());
}

TEST_CASE("which refusals are about a row") {
  const auto error = [](const char* state) { return db::ServerError({state, "m", "", "", "", ""}); };
  for (const char* row : {"22P02", "23505", "23514", "P0001", "54000", "44000", "21000"})
    CHECK(is_about_a_row(error(row)));
  for (const char* other : {"42P01", "42501", "40P01", "53100", "57014", "0A000", "XX000"})
    CHECK_FALSE(is_about_a_row(error(other)));
  for (const char* again : {"40001", "40P01", "53100", "55P03", "25006"}) CHECK(is_transient(error(again)));
  CHECK_FALSE(is_transient(error("23505")));
  for (const char* server : {"57014", "58030", "XX001"}) CHECK(is_of_server(error(server)));
  for (const char* unclear : {"42501", "XX000", "0A000", "22P02"}) CHECK_FALSE(is_of_server(error(unclear)));
}

TEST_CASE("a refusal has the server's message and the column") {
  CHECK(reason_of({"22P02", "invalid input", "", "", "COPY t, line 1, column wet: \"x: y\"", ""}) ==
        "invalid input (column wet)");
  CHECK(reason_of({"23505", "duplicate key", "Key (k)=(1) already exists.", "", "COPY t, line 1", ""}) ==
        "duplicate key: Key (k)=(1) already exists.");
  CHECK(reason_of({"23502", "null value in column \"v\"", "Failing row contains (1, null).", "", "", "v"}) ==
        "null value in column \"v\"");
}
