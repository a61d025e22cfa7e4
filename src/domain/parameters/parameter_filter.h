// The filters of DescribeParameters and GetParametersByPath: which parameters to show.
//
// A JSON array of {"Key", "Option", "Values"}; an item of a request has passed its model already.
//   describe   Name (Equals, BeginsWith, Contains), Type, KeyId, Tier, DataType, tag:key (Equals,
//              BeginsWith), Path (Recursive, OneLevel)
//   by_path    Type, KeyId, Label, tag:key
// All filters must hold; of a filter's values one. Names are compared without their first '/'. At
// most kMaxFilters filters and 50 values. Pure. Errors carry AWS's words: InvalidFilterKey,
// InvalidFilterOption, InvalidFilterValue, ValidationException.
#pragma once

#include "base/result.h"
#include "domain/parameters/parameter_rows.h"
#include "formats/json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::size_t kMaxFilters = 50;

enum class FilterScope : std::uint8_t { describe, by_path };

class ParameterFilters {
 public:
  ParameterFilters() = default;  // shows all

  static Result<ParameterFilters> parse(const formats::JsonView& list, FilterScope scope);
  // The older form, of DescribeParameters only: {"Key": Name, Type or KeyId, "Values"}.
  static Result<ParameterFilters> parse_old(const formats::JsonView& list);

  [[nodiscard]] bool shows(const ParameterRow& parameter) const;

  // The versions that carry a label that is asked for, newest first; nullopt: none is asked for.
  [[nodiscard]] std::optional<std::vector<std::uint64_t>> labelled(
      const ParameterRow& parameter) const;

 private:
  enum class Key : std::uint8_t { name, type, key_id, tier, data_type, path, label, tag };
  enum class Option : std::uint8_t { equals, begins_with, contains, recursive, one_level };

  struct Filter {
    Key key{};
    Option option{};
    std::string tag;
    std::vector<std::string> values;
  };

  static Result<Filter> parse_one(const formats::JsonView& item, FilterScope scope);
  static Result<Key> parse_key(std::string_view text, FilterScope scope);
  static Result<Option> parse_option(std::string_view text, Key key);
  static Result<> check_values(const Filter& filter, std::string_view key);
  static std::vector<std::uint64_t> carriers(const Filter& filter, const ParameterRow& parameter);
  static bool holds(const Filter& filter, const ParameterRow& parameter);

  std::vector<Filter> filters_;
};

}  // namespace coffer::domain
