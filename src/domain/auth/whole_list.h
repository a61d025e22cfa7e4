// whole_list: a listing is complete or refused, never cut: who revokes what is listed must not miss
// anything.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <string>
#include <vector>

namespace coffer::domain {

// `items` as they were read with a limit of `limit` + 1. too_large when there are more than
// `limit`.
template <class T>
Result<std::vector<T>> whole_list(Result<std::vector<T>> items, std::size_t limit) {
  if (!items || items->size() <= limit) return items;
  return fail(Code::too_large, "more than " + std::to_string(limit) + " entries to list");
}

}  // namespace coffer::domain
