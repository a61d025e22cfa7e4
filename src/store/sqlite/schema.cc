#include "store/sqlite/schema.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <string_view>

namespace coffer::store::sqlite {
namespace {

constexpr std::int64_t kApplicationId = 0x434f4652;  // "COFR"; stored on disk
constexpr std::int64_t kVersion = 2;                 // stored on disk
constexpr std::string_view kLogPrefix = "log_";

// Rows lie in the order they came in, whatever their keys; only the slim item_place is in key
// order. So a row of any size leaves the searched tree narrow.
constexpr auto kObjects = std::to_array<std::string_view>({
    "CREATE TABLE item(id INTEGER PRIMARY KEY, place BLOB NOT NULL, revision INTEGER NOT NULL, "
    "entries BLOB NOT NULL, blob BLOB NOT NULL) STRICT",
    "CREATE UNIQUE INDEX item_place ON item(place)",
    "CREATE TABLE entry(place BLOB NOT NULL, row_key BLOB NOT NULL, PRIMARY KEY(place, row_key)) "
    "STRICT, WITHOUT ROWID",
    // Since version 2: where logs begin that were cut.
    "CREATE TABLE log_floor(log INTEGER PRIMARY KEY, floor INTEGER NOT NULL) STRICT",
});
constexpr std::size_t kObjectsOfVersion1 = 3;
constexpr std::string_view kFloorTable = "log_floor";

std::optional<LogId> parse_log_table(std::string_view name) {
  if (!name.starts_with(kLogPrefix) || name == kFloorTable) return std::nullopt;
  name.remove_prefix(kLogPrefix.size());
  std::uint16_t id = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return LogId(id);
}

// Makes what a file with the first `present` objects lacks.
Result<> complete(Connection& connection, std::size_t present) {
  COFFER_CHECK(connection.execute("BEGIN IMMEDIATE"));
  for (const std::string_view object : std::span(kObjects).subspan(present)) {
    COFFER_CHECK(connection.execute(std::string(object)));
  }
  COFFER_CHECK(connection.execute("PRAGMA application_id=" + std::to_string(kApplicationId)));
  COFFER_CHECK(connection.execute("PRAGMA user_version=" + std::to_string(kVersion)));
  return connection.execute("COMMIT");
}

// The file may have been edited: a trigger, a view or an altered table would run under our
// statements, so every object must be one that this file makes, to the letter.
Result<> check_objects(Connection& connection, std::size_t expected) {
  COFFER_TRY(auto statement,
             connection.prepare("SELECT CAST(name AS BLOB), CAST(sql AS BLOB) FROM sqlite_schema"));
  Run run(statement);
  std::size_t found = 0;
  while (true) {
    COFFER_TRY(const bool row, run.step());
    if (!row) break;
    COFFER_TRY(const ByteView sql, run.bytes(1));
    const auto known = std::span(kObjects).first(expected);
    if (std::ranges::find(known, as_text(sql)) != known.end()) {
      ++found;
      continue;
    }
    COFFER_TRY(const ByteView name, run.bytes(0));
    const auto log = parse_log_table(as_text(name));
    if (!log || as_text(sql) != create_log_table(*log)) {
      return fail(Code::corrupt, "the store file has a schema that is not this store's");
    }
  }
  if (found != expected) return fail(Code::corrupt, "the store file lacks a table");
  return {};
}

}  // namespace

Result<> prepare_schema(Connection& connection) {
  COFFER_TRY(const auto application, connection.number("PRAGMA application_id"));
  COFFER_TRY(const auto version, connection.number("PRAGMA user_version"));
  COFFER_TRY(const auto objects, connection.number("SELECT count(*) FROM sqlite_schema"));
  if (application == 0 && version == 0 && objects == 0) return complete(connection, 0);
  if (application != kApplicationId) {
    return fail(Code::precondition_failed, "the file is another program's database");
  }
  if (version == 1) {
    COFFER_CHECK(check_objects(connection, kObjectsOfVersion1));
    return complete(connection, kObjectsOfVersion1);
  }
  if (version != kVersion) {
    return fail(Code::unsupported, "the store file has a format this version does not know");
  }
  return check_objects(connection, kObjects.size());
}

std::string log_table(LogId log) {
  return std::string(kLogPrefix) + std::to_string(log.value());
}

std::string create_log_table(LogId log) {
  return "CREATE TABLE " + log_table(log) +
         "(sequence INTEGER PRIMARY KEY, record BLOB NOT NULL) STRICT";
}

Result<std::vector<LogId>> list_logs(Connection& connection) {
  COFFER_TRY(auto statement,
             connection.prepare("SELECT CAST(name AS BLOB) FROM sqlite_schema WHERE type='table'"));
  std::vector<LogId> out;
  Run run(statement);
  while (true) {
    COFFER_TRY(const bool row, run.step());
    if (!row) break;
    COFFER_TRY(const ByteView name, run.bytes(0));
    if (const auto log = parse_log_table(as_text(name))) out.push_back(*log);
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace coffer::store::sqlite
