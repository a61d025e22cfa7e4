// Logs of format versions 1 and 2 (heads without and with a row digest) in tests/golden:
// audit_v1.bin (an export file), audit_v1.pub.pem (the public half of sample_key()) and
// audit_v1.head (its last head, as an operator keeps it). In audit_v2.* the first batch still ends
// in a head of version 1. They must verify forever.
//
// The files were made once by this test, with COFFER_WRITE_GOLDEN=1 (or 2) in the environment. The
// key is fixed but ECDSA draws random numbers: writing them again gives other octets, as good.

#include "proof/export_file.h"
#include "proof/sample_log.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

namespace coffer::proof {
namespace {

const std::string kFolder =
    (std::filesystem::path(__FILE__).parent_path() / "../../tests/golden/").string();

std::string read(const std::string& name) {
  std::ifstream in(kFolder + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const std::string& name, std::string_view text) {
  std::ofstream(kFolder + name, std::ios::binary) << text;
}

// std::function wants what can be copied, which a stream cannot.
ExportSource file_source(const std::string& name) {
  const auto file = std::make_shared<std::ifstream>(kFolder + name, std::ios::binary);
  return [file](MutableBytes out) -> Result<std::size_t> {
    file->read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
    return static_cast<std::size_t>(file->gcount());
  };
}

// Two full events, three small ones, one with every list cut.
std::vector<std::vector<Event>> golden_batches() {
  Event cut = sample_event(6);
  cut.reason = std::string(3000, 'r');
  cut.facts.resize(100, {"name", "value"});
  return {
      {sample_event(1), sample_event(2)}, {small_event(3), small_event(4), small_event(5)}, {cut}};
}

std::optional<crypto::Digest> row_digest(int version, std::size_t batch) {
  if (version == 1 || batch == 0) return std::nullopt;
  return crypto::sha256(as_bytes("rows " + std::to_string(batch)));
}

void write_golden(int version) {
  const auto key = sample_key();
  ChainWriter chain(sample_log_id(), std::nullopt, key);
  Bytes file;
  const auto sink = [&file](ByteView octets) -> Result<> {
    append(file, octets);
    return {};
  };
  ExportWriter writer = ExportWriter::begin(sink, std::nullopt).value();
  std::size_t batch = 0;
  for (const auto& events : golden_batches()) {
    auto ready = encoded(events);
    const auto rows = row_digest(version, batch++);
    ASSERT_TRUE(writer.add(chain.encode(ready, {1'700'000'001'000'000'000}, rows).value()));
    chain.accept();
  }
  const std::string name = "audit_v" + std::to_string(version);
  write(name + ".bin", as_text(file));
  write(name + ".pub.pem", key.public_key().pem());
  write(name + ".head", head_text(*chain.head()) + "\n");
}

class Golden : public testing::TestWithParam<int> {};

INSTANTIATE_TEST_SUITE_P(Versions, Golden, testing::Values(1, 2));

TEST_P(Golden, LogVerifies) {
  const char* const wanted = std::getenv("COFFER_WRITE_GOLDEN");
  if (wanted != nullptr && wanted == std::to_string(GetParam())) write_golden(GetParam());
  const std::string name = "audit_v" + std::to_string(GetParam());
  std::string witness_text = read(name + ".head");
  ASSERT_FALSE(witness_text.empty());
  witness_text.pop_back();

  ExportReader reader = ExportReader::open(file_source(name + ".bin")).value();
  Verifier verifier(crypto::PublicKey::from_pem(read(name + ".pub.pem")).value(),
                    parse_head(witness_text).value(),
                    reader.start());
  std::vector<Event> events;
  const auto head = verify_export(reader, verifier, [&](const Event& event) -> Result<> {
    events.push_back(event);
    return {};
  });
  ASSERT_TRUE(head) << head.error().message;

  // And today's writer gives the same events.
  std::uint64_t sequence = 0;
  for (const auto& batch : golden_batches()) {
    for (Event expected : batch) {
      expected.sequence = ++sequence;
      Bytes encoded;
      encode_event(expected, encoded);
      ASSERT_LE(sequence, events.size());
      EXPECT_EQ(events[sequence - 1], decode_event(encoded).value()) << sequence;
    }
  }
  EXPECT_EQ(head->sequence, sequence);
  EXPECT_EQ(head->rows, row_digest(GetParam(), golden_batches().size() - 1));
}

}  // namespace
}  // namespace coffer::proof
