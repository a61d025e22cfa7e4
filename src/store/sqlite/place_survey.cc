#include "store/sqlite/place_survey.h"

#include <chrono>
#include <optional>
#include <utility>

namespace coffer::store::sqlite {
namespace {

// Both columns are in the index of places: no row is read.
constexpr std::string_view kPage =
    "SELECT place, id FROM item INDEXED BY item_place WHERE place > ?1 ORDER BY place LIMIT ?2";
constexpr std::int64_t kPageRows = 1000;
constexpr std::chrono::milliseconds kRest{2};  // a page takes about one

struct Page {
  std::int64_t rows = 0;
  Bytes last;  // place
};

Result<Page> learn_page(Statement& statement, ByteView after, PlaceHints& hints) {
  Run run(statement);
  run.bind(after).bind(kPageRows);
  Page page;
  while (true) {
    COFFER_TRY(const bool found, run.step());
    if (!found) return page;
    COFFER_TRY(const ByteView place, run.bytes(0));
    COFFER_TRY(const std::int64_t id, run.number(1));
    hints.learn(place, id);
    if (++page.rows == kPageRows) page.last = to_bytes(place);
  }
}

}  // namespace

PlaceSurvey::PlaceSurvey(Connection connection, std::shared_ptr<PlaceHints> hints)
    : connection_(std::move(connection)),
      hints_(std::move(hints)),
      thread_([this](const std::stop_token& stop) { walk(stop); }) {}

void PlaceSurvey::walk(const std::stop_token& stop) {
  Result<Statement> statement = connection_.prepare(kPage);
  if (!statement) return;
  Bytes after;
  for (std::size_t learnt = 0; learnt < PlaceHints::kCapacity / 4 * 3; learnt += kPageRows) {
    if (stop.stop_requested()) return;
    Result<Page> page = learn_page(*statement, after, *hints_);
    if (!page || page->rows < kPageRows) return;
    after = std::move(page->last);
    std::this_thread::sleep_for(kRest);
  }
}

}  // namespace coffer::store::sqlite
