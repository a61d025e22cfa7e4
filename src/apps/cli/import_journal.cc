#include "apps/cli/import_journal.h"

#include "base/encoding.h"
#include "crypto/random.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

namespace coffer::cli {
namespace {

constexpr std::size_t kMaxJournal = std::size_t{128} << 20U;
constexpr std::size_t kHexDigest = 64;
constexpr std::string_view kHeader = "coffer-import v1 ";

void append_part(Bytes& out, std::string_view text) {
  append(out, as_bytes(std::to_string(text.size()) + ":"));
  append(out, as_bytes(text));
}

// The key of a journal's first line; nullopt when there is no usable line.
std::optional<Bytes> key_of(std::string_view text) {
  if (!text.starts_with(kHeader)) return std::nullopt;
  const std::string_view hex = text.substr(kHeader.size(), kHexDigest);
  auto key = hex_decode(hex);
  if (!key || key->size() != kHexDigest / 2) return std::nullopt;
  return *std::move(key);
}

}  // namespace

Result<ImportJournal> ImportJournal::open(const std::string& input, const std::string& scope) {
  const std::string path = input + ".coffer-import";
  auto text = client::read_file(path, kMaxJournal);
  if (!text && text.error().code != Code::not_found) {
    return std::unexpected(std::move(text).error());
  }
  const bool fresh = !text || text->empty();
  std::optional<Bytes> key;
  if (fresh) {
    key = Bytes(kHexDigest / 2);
    crypto::system_random()->fill(*key);
  } else {
    key = key_of(text->text());
    if (!key) return fail(Code::invalid_argument, path + " is no journal of an import");
  }
  COFFER_TRY(client::File file, client::File::append_to(path));
  ImportJournal journal(path, scope, crypto::HmacKey(*key), std::move(file));
  if (fresh) {
    COFFER_CHECK(journal.file_.write(std::string(kHeader) + hex_encode(*key) + "\n"));
    return journal;
  }
  std::string_view rest = text->text();
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (line.size() == kHexDigest) journal.done_.emplace(line);
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  // The last run may have died inside a line: what follows begins on its own.
  if (!text->text().ends_with('\n')) COFFER_CHECK(journal.file_.write("\n"));
  return journal;
}

std::string ImportJournal::line_of(const ImportedSecret& secret) const {
  Bytes input;
  append_part(input, scope_);
  append_part(input, secret.path);
  append_part(input, secret.data.text());
  const crypto::Digest mac = key_.mac(input);
  secure::wipe(input.data(), input.size());
  return hex_encode(mac);
}

bool ImportJournal::has(const ImportedSecret& secret) const {
  return !done_.empty() && done_.contains(line_of(secret));
}

Result<> ImportJournal::add(const std::vector<const ImportedSecret*>& secrets) {
  std::string lines;
  for (const ImportedSecret* secret : secrets) lines.append(line_of(*secret)).push_back('\n');
  return file_.write(lines);
}

Result<> ImportJournal::finish() {
  if (std::remove(path_.c_str()) != 0) return fail(Code::unavailable, "cannot remove " + path_);
  return {};
}

}  // namespace coffer::cli
