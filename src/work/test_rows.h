// NoteRow and CounterRow: rows for the tests of units of work. Never part of a program.
#pragma once

#include "rows/row.h"

#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace coffer::work {

inline constexpr store::IndexId kNotesByTag{900};

// Not guarded, with a sealed member and an index.
struct NoteRow {
  static constexpr rows::TableSpec kTable = rows::tables::kRevisions;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::string> path;
  rows::Clear<std::string> tag;
  rows::Sealed<secure::SecureText> text;
  static constexpr auto kMembers = std::tuple{&NoteRow::path, &NoteRow::tag, &NoteRow::text};

  [[nodiscard]] Bytes key() const { return to_bytes(*path); }

  [[nodiscard]] std::vector<store::IndexEntry> index() const {
    if (tag->empty()) return {};
    return {{kNotesByTag, to_bytes(*tag)}};
  }
};

inline NoteRow note(std::string path, std::string_view text = {}, std::string tag = {}) {
  NoteRow row;
  row.path = std::move(path);
  row.tag = std::move(tag);
  row.text = secure::SecureText(text);
  return row;
}

// Guarded, all clear.
struct CounterRow {
  static constexpr rows::TableSpec kTable = rows::tables::kUsers;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::string> name;
  rows::Clear<std::uint64_t> value;
  static constexpr auto kMembers = std::tuple{&CounterRow::name, &CounterRow::value};

  [[nodiscard]] Bytes key() const { return to_bytes(*name); }
};

inline CounterRow counter(std::string name, std::uint64_t value) {
  CounterRow row;
  row.name = std::move(name);
  row.value = value;
  return row;
}

}  // namespace coffer::work
