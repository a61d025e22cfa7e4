// Filters of ListSecrets and BatchGetSecretValue.
//
// A secret is listed when every filter fits it; a filter fits when one of its values does. A value
// beginning with '!' fits what does not fit the rest of it. Names, keys and values of tags,
// regions and services fit by their beginning, with case. A description, and "all" (name,
// description, tags), fit when each word of the value is the beginning of a word, without case;
// words end at whatever is no letter or digit, before a capital that follows no capital, and
// before the last of several that a small letter follows ("MyDBKey": my, db, key). Limits: 10
// filters of 10 values of 512 characters. Pure functions over plain values.
#pragma once

#include "base/result.h"
#include "domain/secrets/kv_rows.h"
#include "formats/json.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::dialects::aws {

enum class FilterKey : std::uint8_t {
  description,
  name,
  tag_key,
  tag_value,
  primary_region,
  owning_service,
  all,
};

struct SecretFilter {
  FilterKey key{};
  std::vector<std::string> values;
};

// The elements of "Filters"; the shape was checked. invalid_argument with AWS's texts.
Result<std::vector<SecretFilter>> parse_filters(const formats::JsonView& body);
bool fits(const std::vector<SecretFilter>& filters, const domain::SecretRow& secret);

}  // namespace coffer::dialects::aws
