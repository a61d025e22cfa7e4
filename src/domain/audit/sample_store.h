// SampleStore: a store as a server leaves it, for tests: sealed rows with an index, the two seal
// records, and a log that tells of all of them. Never part of a program.
#pragma once

#include "keys/seal.h"
#include "work/test_world.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

struct NoteRow {
  static constexpr rows::TableSpec kTable = rows::tables::kSettings;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::string> name;
  rows::Sealed<secure::SecureText> text;
  static constexpr auto kMembers = std::tuple{&NoteRow::name, &NoteRow::text};

  [[nodiscard]] Bytes key() const { return to_bytes(*name); }
};

class SampleStore {
 public:
  SampleStore() {
    work::View view = world.view();
    seal = work::TestWorld::value(
        keys::make_seal({3, 2}, *world.keyring, "cluster", 1, world.clock.now(), *world.random));
    for (const store::Put& row : seal.rows) view.stage_raw(row);
    check(world.commit(view));
    for (const char* name : {"alpha", "beta", "gamma"}) write(name, "first");
    write("beta", "second");
    work::View last = world.view();
    check(last.erase<NoteRow>(to_bytes("gamma")));
    check(world.commit(last));
  }

  void write(std::string_view name, std::string_view text) {
    work::View view = world.view();
    check(view.put(NoteRow{std::string(name), secure::SecureText(text)}));
    check(world.commit(view));
  }

  [[nodiscard]] static store::Key key(std::string_view name) {
    return rows::row_key<NoteRow>(work::kTestRealm, to_bytes(name));
  }

  [[nodiscard]] static store::Key seal_key(std::string_view name) {
    return {keys::kSealTable, store::kSystemRealm, to_bytes(name)};
  }

  [[nodiscard]] store::Put read(const store::Key& key) const {
    auto stored = work::TestWorld::value(world.store->get(key));
    return {key, stored.value().revision, std::move(stored.value().blob), {}};
  }

  // As somebody with access to the database writes: around everything.
  void tamper(const store::Unit& unit) {
    const auto batch = work::TestWorld::value(world.store->begin());
    (void)work::TestWorld::value(batch->apply(unit));
    check(batch->commit());
  }

  void tamper(store::Put row) { tamper(store::Unit{{}, {std::move(row)}, {}}); }

  static void check(const Result<>& result) {
    if (!result) throw std::runtime_error(result.error().message);
  }

  work::TestWorld world;
  keys::NewSeal seal;
};

}  // namespace coffer::domain
