#include "store/sqlite/place_survey.h"

#include "store/sqlite/place.h"
#include "store/sqlite/sqlite_store.h"
#include "store/sqlite/temporary_store.h"

#include <gtest/gtest.h>

namespace coffer::store::sqlite {
namespace {

constexpr TableId kTable{7};
constexpr RealmId kRealm{3};

Key row_key(std::size_t number) {
  return {kTable, kRealm, to_bytes("row " + std::to_string(number))};
}

void fill(Store& store, std::size_t rows) {
  for (std::size_t first = 0; first < rows; first += kMaxUnitItems) {
    const auto batch = store.begin().value();
    Unit unit;
    for (std::size_t i = first; i < std::min(first + kMaxUnitItems, rows); ++i) {
      unit.puts.push_back(
          {.key = row_key(i), .revision = 1, .blob = to_bytes("blob"), .index = {}});
    }
    ASSERT_EQ(batch->apply(unit).value(), Applied::yes);
    ASSERT_TRUE(batch->commit());
  }
}

Connection connection(const TemporaryStore& file) {
  return Connection::open({.path = file.path(), .vfs = {}}).value();
}

std::size_t learnt(const PlaceHints& hints, std::size_t rows) {
  std::size_t known = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    const Key key = row_key(i);
    if (hints.find(row_place(key.table, key.realm, key.key))) ++known;
  }
  return known;
}

TEST(PlaceSurvey, LearnsWhereEachRowLies) {
  constexpr std::size_t kRows = 2'500;  // more than two pages
  const TemporaryStore file;
  const auto store = file.open();
  fill(*store, kRows);
  const auto hints = std::make_shared<PlaceHints>();
  PlaceSurvey(connection(file), hints).wait();
  auto look = connection(file);
  auto place_of = look.prepare("SELECT place FROM item WHERE id = ?1").value();
  for (std::size_t i = 0; i < kRows; ++i) {
    const Key key = row_key(i);
    const Bytes place = row_place(key.table, key.realm, key.key);
    const auto hint = hints->find(place);
    ASSERT_TRUE(hint) << i;
    class Run run(place_of);
    run.bind(*hint);
    ASSERT_TRUE(run.step().value());
    EXPECT_EQ(to_bytes(run.bytes(0).value()), place);
  }
}

TEST(PlaceSurvey, EndsInAnEmptyStoreAndAtAFileThatIsNone) {
  const TemporaryStore file;
  const auto store = file.open();
  const auto hints = std::make_shared<PlaceHints>();
  PlaceSurvey(connection(file), hints).wait();
  PlaceSurvey(Connection::open({.path = ":memory:", .vfs = {}}).value(), hints).wait();
}

// Counted in rows, not by the clock, which a busy machine stretches. The walk rests for longer than
// a destructor takes, but a thread may be kept waiting: one stop of ten is enough to be seen.
TEST(PlaceSurvey, StopsWhenItEnds) {
  constexpr std::size_t kRows = 20'000;
  const TemporaryStore file;
  fill(*file.open(), kRows);
  std::size_t fewest = kRows;
  for (int i = 0; i < 10 && fewest == kRows; ++i) {
    const auto hints = std::make_shared<PlaceHints>();
    {
      const PlaceSurvey survey(connection(file), hints);
    }
    fewest = std::min(fewest, learnt(*hints, kRows));
  }
  EXPECT_LT(fewest, kRows);
}

TEST(PlaceSurvey, OfAStoreEndsWithIt) {
  const TemporaryStore file;
  SqliteOptions options = file.options();
  options.survey_places = true;
  fill(*open_sqlite_store(options).value(), 3'000);
  EXPECT_TRUE(open_sqlite_store(options).value()->get(row_key(2'999)).value());
}

}  // namespace
}  // namespace coffer::store::sqlite
