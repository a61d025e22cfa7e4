// SampleRow: a row with one member of every kind, for the tests and fuzz targets of this floor.
// Never part of a program.
#pragma once

#include "rows/row.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace coffer::rows {

enum class SampleColour : std::uint8_t { red = 1, blue = 2 };

struct SamplePart {
  std::string name;
  std::int32_t number = 0;
  static constexpr auto kMembers = std::tuple{&SamplePart::name, &SamplePart::number};
  friend auto operator<=>(const SamplePart&, const SamplePart&) = default;
};

struct SampleRow {
  static constexpr TableSpec kTable = tables::kUsers;
  static constexpr std::uint8_t kVersion = 2;
  Clear<std::string> name;
  Clear<std::uint64_t> count;
  Clear<SampleColour> colour;
  Clear<Timestamp> since;
  Clear<std::optional<Duration>> lasts;
  Clear<std::vector<SamplePart>> parts;
  Clear<std::map<std::string, std::string>> labels;
  Clear<std::set<std::string>> names;
  Sealed<secure::SecureText> password;
  Sealed<Bytes> seed;
  Clear<std::uint32_t> retries{3U};  // since version 2
  Sealed<std::string> hint;          // since version 2
  static constexpr auto kMembers = std::tuple{&SampleRow::name,
                                              &SampleRow::count,
                                              &SampleRow::colour,
                                              &SampleRow::since,
                                              &SampleRow::lasts,
                                              &SampleRow::parts,
                                              &SampleRow::labels,
                                              &SampleRow::names,
                                              &SampleRow::password,
                                              &SampleRow::seed,
                                              &SampleRow::retries,
                                              &SampleRow::hint};

  [[nodiscard]] Bytes key() const { return to_bytes(*name); }
};

inline SampleRow sample_row(std::string name = "alice") {
  SampleRow row;
  row.name = std::move(name);
  row.count = 7U;
  row.colour = SampleColour::blue;
  row.since = Timestamp{1'700'000'000'000'000'000};
  row.lasts = std::optional<Duration>(std::chrono::hours(1));
  row.parts = std::vector<SamplePart>{{"a", -1}, {"b", 2}};
  row.labels = std::map<std::string, std::string>{{"env", "prod"}, {"team", "core"}};
  row.names = std::set<std::string>{"x", "y"};
  row.password = secure::SecureText("correct horse");
  row.seed = Bytes{1, 2, 3};
  row.retries = 5U;
  row.hint = std::string("not this");
  return row;
}

}  // namespace coffer::rows
