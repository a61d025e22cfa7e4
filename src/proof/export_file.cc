#include "proof/export_file.h"

#include "base/wire.h"

#include <algorithm>
#include <array>

namespace coffer::proof {
namespace {

constexpr std::string_view kHeader = "coffer-audit-export v1 start=";
constexpr std::string_view kNoStart = "-";
constexpr std::size_t kMaxHeader = 640;
constexpr std::size_t kLengthSize = 4;
constexpr std::size_t kReadStep = 64 * 1024;

Result<std::optional<SignedHead>> parse_header(std::string_view line) {
  if (!line.starts_with(kHeader)) {
    return fail(Code::corrupt, "export: does not begin with the header of version 1");
  }
  line.remove_prefix(kHeader.size());
  if (line == kNoStart) return std::nullopt;
  auto start = parse_head(line);
  if (!start) return fail(Code::corrupt, "export: starting " + start.error().message);
  return std::optional<SignedHead>(*std::move(start));
}

}  // namespace

Result<ExportWriter> ExportWriter::begin(ExportSink sink, const std::optional<SignedHead>& start) {
  ExportWriter writer(std::move(sink));
  std::string line(kHeader);
  line += start ? head_text(*start) : std::string(kNoStart);
  line += '\n';
  COFFER_CHECK(writer.sink_(as_bytes(line)));
  return writer;
}

Result<> ExportWriter::add(ByteView record) {
  if (record.empty()) return fail(Code::invalid_argument, "export: empty record");
  if (record.size() > kMaxBatch) return fail(Code::too_large, "export: record of over 8 MiB");
  Bytes length;
  Writer(length).u32(static_cast<std::uint32_t>(record.size()));
  COFFER_CHECK(sink_(length));
  return sink_(record);
}

Result<ExportReader> ExportReader::open(ExportSource source) {
  ExportReader reader(std::move(source));
  std::string line;
  for (;;) {
    std::array<std::uint8_t, 1> octet{};
    COFFER_TRY(const std::size_t got, reader.fill(octet));
    if (got == 0 || line.size() == kMaxHeader) {
      return fail(Code::corrupt, "export: header line is missing or too long");
    }
    if (octet[0] == '\n') break;
    line.push_back(static_cast<char>(octet[0]));
  }
  COFFER_TRY(reader.start_, parse_header(line));
  return reader;
}

// As much as there is, up to the size of `out`.
Result<std::size_t> ExportReader::fill(MutableBytes out) {
  std::size_t filled = 0;
  while (filled < out.size()) {
    COFFER_TRY(const std::size_t got, source_(out.subspan(filled)));
    if (got == 0) break;
    filled += got;
  }
  return filled;
}

Result<std::optional<Bytes>> ExportReader::next() {
  std::array<std::uint8_t, kLengthSize> prefix{};
  COFFER_TRY(const std::size_t got, fill(prefix));
  if (got == 0) return std::nullopt;
  if (got < prefix.size()) return fail(Code::corrupt, "export: cut short inside a length");
  COFFER_TRY(const std::uint32_t length, Reader(prefix).u32());
  if (length == 0 || length > kMaxBatch) return fail(Code::corrupt, "export: impossible length");

  // Grows with what arrives, not with what the length claims.
  Bytes record;
  while (record.size() < length) {
    const std::size_t at = record.size();
    const std::size_t step = std::min(kReadStep, length - at);
    record.resize(at + step);
    COFFER_TRY(const std::size_t filled, fill(MutableBytes(record).subspan(at)));
    if (filled < step) return fail(Code::corrupt, "export: cut short inside a record");
  }
  return std::optional<Bytes>(std::move(record));
}

Result<Head> verify_export(ExportReader& reader,
                           Verifier& verifier,
                           const std::function<Result<>(const Event&)>& visit) {
  for (;;) {
    COFFER_TRY(const std::optional<Bytes> record, reader.next());
    if (!record) return verifier.finish();
    COFFER_TRY(const std::vector<Event> events, verifier.feed(*record));
    for (const auto& event : events) COFFER_CHECK(visit(event));
  }
}

}  // namespace coffer::proof
