#include "proof/export_file.h"

#include "proof/sample_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace coffer::proof {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Gives out at most `step` octets at a time, as a pipe does.
ExportSource source_of(Bytes file, std::size_t step = 1000) {
  return [file = std::move(file), step, at = std::size_t{0}](
             MutableBytes out) mutable -> Result<std::size_t> {
    const std::size_t size = std::min({step, out.size(), file.size() - at});
    std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(at), size, out.begin());
    at += size;
    return size;
  };
}

Bytes export_of(const std::vector<Bytes>& records, const std::optional<SignedHead>& start) {
  Bytes file;
  const auto sink = [&file](ByteView octets) -> Result<> {
    append(file, octets);
    return {};
  };
  ExportWriter writer = ExportWriter::begin(sink, start).value();
  for (const auto& record : records) EXPECT_TRUE(writer.add(record));
  return file;
}

Result<Head> verify(const Bytes& file, std::vector<Event>& events) {
  COFFER_TRY(ExportReader reader, ExportReader::open(source_of(file, 7)));
  Verifier verifier(sample_key().public_key(), std::nullopt, reader.start());
  return verify_export(reader, verifier, [&](const Event& event) -> Result<> {
    events.push_back(event);
    return {};
  });
}

TEST(ExportFile, CarriesAWholeLog) {
  const SampleLog log = sample_log(sample_key());
  const Bytes file = export_of(log.records, std::nullopt);
  EXPECT_THAT(std::string(as_text(file)), StartsWith("coffer-audit-export v1 start=-\n"));
  std::vector<Event> events;
  EXPECT_EQ(verify(file, events).value(), log.heads.back().head);
  ASSERT_EQ(events.size(), 7U);
  EXPECT_EQ(events.back().sequence, 7U);
}

TEST(ExportFile, CarriesAPartBehindAHead) {
  const SampleLog log = sample_log(sample_key());
  std::vector<Event> events;
  EXPECT_TRUE(verify(export_of({log.records[1], log.records[2]}, log.heads[0]), events));
  EXPECT_EQ(events.front().sequence, 3U);
  // Left out, the start is missed.
  const auto headless = verify(export_of({log.records[1]}, std::nullopt), events);
  EXPECT_THAT(headless.error().message, StartsWith("event 1: sequence gap"));
}

TEST(ExportFile, StopsAtTheFirstError) {
  const SampleLog log = sample_log(sample_key());
  std::vector<Event> events;
  EXPECT_FALSE(verify(export_of({log.records[0], log.records[2]}, std::nullopt), events));
  EXPECT_EQ(events.size(), 2U);

  ExportReader reader = ExportReader::open(source_of(export_of(log.records, std::nullopt))).value();
  Verifier verifier(sample_key().public_key());
  const auto stopped = verify_export(
      reader, verifier, [](const Event&) { return Result<>(fail(Code::unavailable, "full")); });
  EXPECT_EQ(stopped.error().code, Code::unavailable);
}

TEST(ExportFile, RefusesEveryCutExceptBetweenRecords) {
  const SampleLog log = sample_log(sample_key());
  const Bytes file = export_of(log.records, std::nullopt);
  std::size_t whole = 0;
  for (std::size_t size = 0; size < file.size(); ++size) {
    const Bytes cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
    std::vector<Event> events;
    const auto head = verify(cut, events);
    if (head || head.error().code == Code::not_found) ++whole;
  }
  EXPECT_EQ(whole, log.records.size());  // behind the header and the first two records
}

TEST(ExportFile, RefusesForeignHeadersAndLengths) {
  const std::string header = "coffer-audit-export v1 start=-\n";
  for (const std::string& bad : {std::string(),
                                 std::string("coffer-audit-export v2 start=-\n"),
                                 std::string("coffer-audit-export v1 start=\n"),
                                 std::string("coffer-audit-export v1 start=coffer-head:v1:AAAA\n"),
                                 std::string(100'000, 'c')}) {
    const auto reader = ExportReader::open(source_of(to_bytes(bad)));
    ASSERT_FALSE(reader) << bad;
    EXPECT_EQ(reader.error().code, Code::corrupt);
  }
  for (const Bytes& length : {Bytes{0, 0, 0, 0}, Bytes{0, 0x80, 0, 1}, Bytes(4, 0xff)}) {
    Bytes file = to_bytes(header);
    append(file, length);
    file.resize(file.size() + 10);
    auto reader = ExportReader::open(source_of(file)).value();
    EXPECT_THAT(reader.next().error().message, HasSubstr("impossible length"));
  }
}

TEST(ExportFile, WriterRefusesRecordsThatTheReaderWould) {
  ExportWriter writer =
      ExportWriter::begin([](ByteView) { return Result<>(); }, std::nullopt).value();
  EXPECT_EQ(writer.add({}).error().code, Code::invalid_argument);
  EXPECT_EQ(writer.add(Bytes(kMaxBatch + 1)).error().code, Code::too_large);
}

}  // namespace
}  // namespace coffer::proof
