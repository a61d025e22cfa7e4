#include "work/view.h"

#include "work/test_rows.h"
#include "work/test_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::work {
namespace {

using testing::ElementsAre;
using Names = std::vector<std::string>;

class ViewTest : public testing::Test {
 protected:
  TestWorld world;

  template <class... Notes>
  void commit(Notes... notes) {
    std::vector<NoteRow> list;
    (list.push_back(std::move(notes)), ...);
    commit_all(std::move(list));
  }

  void commit_all(std::vector<NoteRow> notes) {
    View view = world.view();
    for (NoteRow& row : notes) ASSERT_TRUE(view.put(std::move(row)));
    ASSERT_TRUE(world.commit(view));
  }

  static Names texts(const std::vector<Bytes>& keys) {
    Names out;
    for (const Bytes& key : keys) out.emplace_back(as_text(key));
    return out;
  }

  static Names keys(View& view,
                    std::string_view prefix,
                    std::string_view after,
                    std::size_t limit) {
    return texts(view.keys<NoteRow>(as_bytes(prefix), as_bytes(after), limit).value());
  }

  // All children, `limit` at a time.
  static Names children(View& view, std::string_view prefix, std::size_t limit) {
    Names all;
    while (true) {
      const Names page =
          view.children<NoteRow>(as_bytes(prefix), all.empty() ? "" : all.back(), limit).value();
      EXPECT_LE(page.size(), limit);
      if (page.empty()) return all;
      all.insert(all.end(), page.begin(), page.end());
    }
  }
};

TEST_F(ViewTest, ReadsItsOwnWrites) {
  View view = world.view();
  EXPECT_EQ(view.find<NoteRow>("a").value(), nullptr);
  ASSERT_TRUE(view.put(note("a", "one")));
  const auto staged = view.find<NoteRow>("a").value();
  ASSERT_TRUE(staged);
  EXPECT_FALSE(staged->row.text.is_open()) << "no plaintext stays behind";
  EXPECT_EQ(view.open(*staged).value().text->text(), "one");
  ASSERT_TRUE(view.put(note("a", "two")));
  EXPECT_EQ(view.open(*view.find<NoteRow>("a").value()).value().text->text(), "two");
  EXPECT_EQ(world.view().find<NoteRow>("a").value(), nullptr) << "nobody else sees it";
  ASSERT_TRUE(view.erase<NoteRow>(to_bytes("a")));
  EXPECT_EQ(view.find<NoteRow>("a").value(), nullptr);
}

TEST_F(ViewTest, ReadsEachRowOnce) {
  commit(note("a", "old"));
  View view = world.view();
  const auto first = view.find<NoteRow>("a").value();
  ASSERT_EQ(view.find<NoteRow>("b").value(), nullptr);
  commit(note("a", "new"));
  commit(note("b", "new"));
  EXPECT_EQ(view.find<NoteRow>("a").value(), first) << "what was decided on is what is used";
  EXPECT_EQ(view.find<NoteRow>("b").value(), nullptr) << "an absence that was relied on stays one";
  EXPECT_NE(world.view().find<NoteRow>("a").value(), first);
  ASSERT_TRUE(view.put(note("c")));
  EXPECT_FALSE(world.commit(view)) << "it is checked all the same";
}

TEST_F(ViewTest, ReadsMoreRowsThanItKeeps) {
  const auto name = [](std::size_t i) { return "row " + std::to_string(i); };
  for (std::size_t i = 0; i < View::kKeptRows + 3; ++i) commit(note(name(i), "text"));
  View view = world.view();
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < View::kKeptRows + 3; ++i) {
      const auto row = view.find<NoteRow>(name(i)).value();
      ASSERT_TRUE(row);
      EXPECT_EQ(as_text(row->row.key()), name(i));
    }
  }
}

TEST_F(ViewTest, OpensAColdRowFromWhatAuthenticatedIt) {
  commit(note("a", "of a"), note("b", "of b"));
  world.restart();
  View view = world.view();
  const auto a = view.find<NoteRow>("a").value();
  EXPECT_FALSE(a->row.text.is_open()) << "what is cached stays closed";
  EXPECT_EQ(view.open_sealed(*a).value().text->text(), "of a");
  EXPECT_EQ(view.open_sealed(*a).value().text->text(), "of a") << "asked for again";
  const auto b = view.find<NoteRow>("b").value();
  EXPECT_EQ(view.open_sealed(*a).value().text->text(), "of a") << "not what b left";
  EXPECT_EQ(view.open_sealed(*b).value().text->text(), "of b");
  View later = world.view();
  const auto cached = later.find<NoteRow>("b").value();
  EXPECT_EQ(cached, b);
  EXPECT_EQ(later.open_sealed(*cached).value().text->text(), "of b");
}

TEST_F(ViewTest, WritesWhatWasStagedLast) {
  commit(note("kept", "old"), note("gone", "old"));
  View view = world.view();
  ASSERT_TRUE(view.put(note("kept", "one")));
  ASSERT_TRUE(view.erase<NoteRow>(to_bytes("kept")));
  ASSERT_TRUE(view.put(note("kept", "two")));
  ASSERT_TRUE(view.put(note("gone", "new")));
  ASSERT_TRUE(view.erase<NoteRow>(to_bytes("gone")));
  ASSERT_TRUE(view.put(note("brief", "x")));
  ASSERT_TRUE(view.erase<NoteRow>(to_bytes("brief")));
  ASSERT_TRUE(view.erase<NoteRow>(to_bytes("never there")));
  ASSERT_TRUE(world.commit(view));
  world.restart();
  View after = world.view();
  EXPECT_EQ(after.open(*after.find<NoteRow>("kept").value()).value().text->text(), "two");
  EXPECT_EQ(keys(after, "", "", 10), Names{"kept"});
}

TEST_F(ViewTest, GivesEveryWriteALaterRevision) {
  std::uint64_t last = 0;
  for (int i = 0; i < 5; ++i) {  // time stands still for the committed rows
    View view = world.view();
    ASSERT_TRUE(view.put(note("a")));
    const Unit unit = view.take().value();
    EXPECT_GT(unit.rows.puts.at(0).revision, last);
    last = unit.rows.puts.at(0).revision;
    commit(note("a"));
    last = world.view().find<NoteRow>("a").value()->revision;
  }
}

TEST_F(ViewTest, NeitherReadsNorChecksRowsThatAnOwnerVouchesFor) {
  commit(note("old"));
  View view = world.view();
  ASSERT_TRUE(view.put_owned(note("new")));
  view.erase_owned<NoteRow>(to_bytes("old"));
  ASSERT_TRUE(view.put_owned(note("brief")));
  view.erase_owned<NoteRow>(to_bytes("brief"));  // of this very unit: nothing is left of it
  const Unit unit = view.take().value();
  EXPECT_TRUE(unit.rows.checks.empty());
  ASSERT_EQ(unit.rows.puts.size(), 1U);
  EXPECT_EQ(as_text(unit.rows.puts[0].key.key), "new");
  ASSERT_EQ(unit.rows.erases.size(), 1U);
  EXPECT_EQ(as_text(unit.rows.erases[0].key), "old");
}

TEST_F(ViewTest, KeepsTheGatePartWhenTheHandlerFails) {
  View view = world.view();
  int actions = 0;
  ASSERT_TRUE(view.put(counter("uses", 1)));
  view.on_commit([&] { ++actions; });
  view.enter_handler();
  ASSERT_TRUE(view.put(counter("uses", 9)));
  ASSERT_TRUE(view.put(note("a")));
  view.stage_raw({{store::TableId(2), store::kSystemRealm, to_bytes("raw")}, 1, Bytes(20), {}});
  view.on_commit([&] { actions += 100; });
  view.drop_handler_part();
  EXPECT_EQ(*view.find<CounterRow>("uses").value()->row.value, 1U);
  ASSERT_TRUE(world.commit(view));
  EXPECT_EQ(actions, 1);
  View after = world.view();
  EXPECT_EQ(*after.find<CounterRow>("uses").value()->row.value, 1U);
  EXPECT_EQ(after.find<NoteRow>("a").value(), nullptr);
  EXPECT_EQ(world.store->get({store::TableId(2), store::kSystemRealm, to_bytes("raw")}).value(),
            std::nullopt);
}

TEST_F(ViewTest, KeepsTheGatePartWhenTheHandlerWasNeverReached) {
  View view = world.view();
  ASSERT_TRUE(view.put(counter("uses", 1)));
  view.drop_handler_part();
  ASSERT_TRUE(world.commit(view));
  EXPECT_TRUE(world.view().find<CounterRow>("uses").value());
}

TEST_F(ViewTest, ChecksEveryReadOnceAnythingIsWritten) {
  commit(note("a"), note("b"));
  View reader = world.view();
  ASSERT_TRUE(reader.find<NoteRow>("a"));
  const Unit read = reader.take().value();
  EXPECT_TRUE(read.rows.checks.empty()) << "a unit that only reads is not validated";
  EXPECT_TRUE(read.rows.puts.empty());

  View writer = world.view();
  ASSERT_TRUE(writer.find<NoteRow>("a"));
  ASSERT_TRUE(writer.find<NoteRow>("absent"));
  ASSERT_TRUE(writer.put(note("c")));
  const Unit unit = writer.take().value();
  ASSERT_EQ(unit.rows.checks.size(), 3U);
  EXPECT_TRUE(unit.rows.checks[0].revision) << "a";
  EXPECT_FALSE(unit.rows.checks[1].revision) << "absent";
  EXPECT_FALSE(unit.rows.checks[2].revision) << "c, written blind";
  ASSERT_EQ(unit.recorded.size(), 1U);
  EXPECT_EQ(unit.recorded[0].revision, unit.rows.puts[0].revision);
}

TEST_F(ViewTest, ChecksNothingThatWasOnlyLookedAt) {
  commit(note("a", "old"));
  View view = world.view();
  ASSERT_TRUE(view.peek<NoteRow>(to_bytes("a")).value());
  EXPECT_EQ(view.peek<NoteRow>(to_bytes("none")).value(), nullptr);
  EXPECT_TRUE(view.reads().empty());
  ASSERT_TRUE(view.put(note("b", "new")));
  commit(note("a", "newer"));
  EXPECT_TRUE(world.commit(view));
}

TEST_F(ViewTest, ListsStagedAndCommittedKeysInOneOrder) {
  commit(note("a"), note("c"), note("e"), note("other"));
  View view = world.view();
  ASSERT_TRUE(view.put(note("b")));
  ASSERT_TRUE(view.put(note("z")));
  ASSERT_TRUE(view.put(note("a", "again")));
  ASSERT_TRUE(view.erase<NoteRow>(to_bytes("c")));
  ASSERT_TRUE(view.put(counter("d", 1)));  // another table
  EXPECT_THAT(keys(view, "", "", 10), ElementsAre("a", "b", "e", "other", "z"));
  EXPECT_THAT(keys(view, "", "", 2), ElementsAre("a", "b"));
  EXPECT_THAT(keys(view, "", "b", 2), ElementsAre("e", "other"));
  EXPECT_THAT(keys(view, "o", "", 2), ElementsAre("other"));
  EXPECT_TRUE(keys(view, "", "z", 2).empty());
  EXPECT_TRUE(keys(view, "", "", 0).empty());
}

// Whatever is staged, pages put together are what one long page is.
TEST_F(ViewTest, PagesOverStagedWritesWithoutGaps) {
  std::vector<NoteRow> committed;
  for (int i = 10; i < 90; i += 2) committed.push_back(note("k" + std::to_string(i)));
  commit_all(std::move(committed));
  View view = world.view();
  for (int i = 11; i < 90; i += 6) ASSERT_TRUE(view.put(note("k" + std::to_string(i))));
  for (int i = 10; i < 90; i += 8)
    ASSERT_TRUE(view.erase<NoteRow>(to_bytes("k" + std::to_string(i))));
  const Names all = keys(view, "k", "", 1000);
  EXPECT_EQ(all.size(), 40U + 14U - 10U);
  for (const std::size_t limit : {1U, 2U, 3U, 7U, 100U}) {
    Names paged;
    while (true) {
      const Names page = keys(view, "k", paged.empty() ? "" : paged.back(), limit);
      if (page.empty()) break;
      paged.insert(paged.end(), page.begin(), page.end());
    }
    EXPECT_EQ(paged, all) << limit;
  }
}

TEST_F(ViewTest, ListsFoldersAndSecretsOfTheSameName) {
  commit(note("s/bar"),
         note("s/bar-x"),
         note("s/bar/a"),
         note("s/bar/b/c"),
         note("s/bar0"),
         note("s/bar0/x"),
         note("s/foo"),
         note("s2/other"),
         note("s/"),
         note("s/z/y"));
  View view = world.view();
  const Names expected{"bar", "bar-x", "bar/", "bar0", "bar0/", "foo", "z/"};
  for (const std::size_t limit : {1U, 2U, 3U, 100U}) {
    EXPECT_EQ(children(view, "s/", limit), expected) << limit;
  }
  EXPECT_THAT(children(view, "s/bar/", 10), ElementsAre("a", "b/"));
  EXPECT_TRUE(children(view, "nothing/", 10).empty());
  ASSERT_TRUE(view.erase<NoteRow>(to_bytes("s/z/y")));
  ASSERT_TRUE(view.put(note("s/new/x")));
  EXPECT_THAT(children(view, "s/", 2),
              ElementsAre("bar", "bar-x", "bar/", "bar0", "bar0/", "foo", "new/"));
}

TEST_F(ViewTest, JumpsOverLargeFolders) {
  for (int page = 0; page < 3; ++page) {
    std::vector<NoteRow> notes;
    for (int i = 0; i < 90; ++i) {
      notes.push_back(note("big/" + std::to_string(page) + std::to_string(i)));
    }
    commit_all(std::move(notes));
  }
  commit(note("after"));
  View view = world.view();
  EXPECT_THAT(children(view, "", 10), ElementsAre("after", "big/"));
  EXPECT_EQ(children(view, "big/", 100).size(), 270U);
}

TEST_F(ViewTest, LooksUpCommittedRowsByIndex) {
  commit(note("a", "", "red/1"), note("b", "", "red/2"), note("c", "", "blue"));
  View view = world.view();
  const auto found = [&](std::string_view tag, std::size_t limit) {
    return texts(view.lookup<NoteRow>(kNotesByTag, as_bytes(tag), limit).value());
  };
  EXPECT_THAT(found("red/", 10), ElementsAre("a", "b"));
  EXPECT_THAT(found("red/", 1), ElementsAre("a"));
  EXPECT_TRUE(found("green", 10).empty());
}

TEST_F(ViewTest, StatesItsLimits) {
  View view = world.view();
  EXPECT_EQ(view.put(note("")).error().code, Code::invalid_argument);
  EXPECT_EQ(view.put(note(std::string(store::kMaxKey + 1, 'k'))).error().code, Code::too_large);
  EXPECT_TRUE(view.put(note(std::string(store::kMaxKey, 'k'))));
  EXPECT_EQ(view.put(note("b", std::string(store::kMaxBlob, 'v'))).error().code, Code::too_large);
  EXPECT_EQ(view.staged_count(), 1U) << "what is refused is not staged";
  for (std::size_t i = 1; i < store::kMaxUnitItems; ++i) {
    ASSERT_TRUE(view.put(note("n" + std::to_string(i))));
  }
  View full = world.view();
  for (std::size_t i = 0; i <= store::kMaxUnitItems; ++i) {
    ASSERT_TRUE(full.put(note("n" + std::to_string(i))));
  }
  EXPECT_EQ(full.take().error().code, Code::too_large);
  EXPECT_TRUE(world.commit(view)) << "exactly the limit";
}

}  // namespace
}  // namespace coffer::work
