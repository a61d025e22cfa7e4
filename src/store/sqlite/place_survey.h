// PlaceSurvey: walks the index of places once after the store was opened, in a thread of its own,
// and learns a hint for each row (place_hints.h). Without it the first read of every row after a
// start would search that index, for each a page from the disk or the system's cache.
//
// It reads a page of places at a time and rests between them, so that it takes a third of a core at
// most and no snapshot stays open. What is inserted meanwhile is learnt by the writer. It ends at
// the last row, when the hints are three quarters full, or at the first error: hints decide
// nothing, so what is wrong with the file is left to whoever reads a row. Its destructor stops it
// and joins the thread. Owns its connection, shares the hints.
#pragma once

#include "store/sqlite/connection.h"
#include "store/sqlite/place_hints.h"

#include <memory>
#include <stop_token>
#include <thread>

namespace coffer::store::sqlite {

class PlaceSurvey {
 public:
  PlaceSurvey(Connection connection, std::shared_ptr<PlaceHints> hints);

  // Until the walk has ended.
  void wait() { thread_.join(); }

 private:
  void walk(const std::stop_token& stop);

  Connection connection_;  // of the thread
  std::shared_ptr<PlaceHints> hints_;
  std::jthread thread_;  // last: starts when everything above is there
};

}  // namespace coffer::store::sqlite
