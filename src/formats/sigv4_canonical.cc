#include "formats/sigv4_canonical.h"

#include "base/encoding.h"
#include "base/time_text.h"
#include "formats/octet_run.h"

#include <algorithm>

namespace coffer::formats::sigv4 {
namespace {

constexpr std::string_view kUnreserved =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Empty and dot segments go; a slash at the end stays.
std::string normalised(std::string_view path) {
  std::vector<std::string_view> kept;
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string_view segment = path.substr(start, end - start);
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (!segment.empty() && segment != ".") {
      kept.push_back(segment);
    }
    start = end + 1;
  }
  std::string out;
  for (const std::string_view segment : kept) {
    out.push_back('/');
    out.append(segment);
  }
  if (kept.empty() || path.ends_with('/')) out.push_back('/');
  return out;
}

// Trimmed, with inner runs of blanks made one space.
void append_folded(std::string& out, std::string_view value) {
  constexpr auto kBlank = [](auto octet) { return (octet == ' ') | (octet == '\t'); };
  constexpr auto kText = [](auto octet) { return (octet != ' ') & (octet != '\t'); };
  const std::size_t before = out.size();
  while (true) {
    value.remove_prefix(octet_run(value, kText));
    if (value.empty()) return;
    if (out.size() > before) out.push_back(' ');
    const std::size_t word = octet_run(value, kBlank);
    out.append(value.substr(0, word));
    value.remove_prefix(word);
  }
}

void append_headers(std::string& out,
                    const SignedMessage& message,
                    std::span<const std::string_view> names) {
  for (const std::string_view name : names) {
    out.append(name).push_back(':');
    bool first = true;
    for (const SignedHeader& header : message.headers) {
      if (header.name != name) continue;
      if (!first) out.push_back(',');
      first = false;
      append_folded(out, header.value);
    }
    out.push_back('\n');
  }
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    if (kUnreserved.contains(c)) {
      out.push_back(c);
      continue;
    }
    const auto octet = static_cast<std::uint8_t>(c);
    out.push_back('%');
    out.push_back(kDigits[octet >> 4U]);
    out.push_back(kDigits[octet & 15U]);
  }
}

Result<std::string> unescaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
      continue;
    }
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0) return fail(Code::invalid_argument, "broken escape in the query");
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

std::string canonical_path(std::string_view path, bool normalise) {
  const std::string whole = normalise ? normalised(path) : std::string(path.empty() ? "/" : path);
  std::string out;
  out.reserve(whole.size());
  for (std::size_t start = 0; start < whole.size();) {
    const std::size_t end = std::min(whole.find('/', start), whole.size());
    append_escaped(out, std::string_view(whole).substr(start, end - start));
    if (end < whole.size()) out.push_back('/');
    start = end + 1;
  }
  return out;
}

Result<std::vector<QueryPair>> query_pairs(std::string_view query) {
  std::vector<QueryPair> pairs;
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view item = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    if (item.empty()) continue;
    const std::size_t equals = item.find('=');
    const bool bare = equals == std::string_view::npos;
    COFFER_TRY(const std::string name, unescaped(item.substr(0, equals)));
    COFFER_TRY(const std::string value,
               unescaped(bare ? std::string_view() : item.substr(equals + 1)));
    QueryPair& pair = pairs.emplace_back();
    append_escaped(pair.name, name);
    append_escaped(pair.value, value);
  }
  return pairs;
}

std::string canonical_query(std::vector<QueryPair> pairs,
                            std::span<const std::string_view> except) {
  std::ranges::sort(pairs);
  std::string out;
  for (const QueryPair& pair : pairs) {
    if (std::ranges::find(except, pair.name) != except.end()) continue;
    if (!out.empty()) out.push_back('&');
    out.append(pair.name).append("=").append(pair.value);
  }
  return out;
}

crypto::Digest canonical_digest(const SignedMessage& message,
                                std::string_view query,
                                std::span<const std::string_view> names,
                                std::string_view payload) {
  // It may hold a session token: wiped, and never grown past what is reserved.
  std::size_t size = message.method.size() + 3 * message.target.size() + query.size() + 128;
  for (const SignedHeader& header : message.headers) {
    size += 2 * header.name.size() + header.value.size() + 4;
  }
  std::string text;
  text.reserve(size);
  text.append(message.method).append("\n");
  text.append(canonical_path(path_of(message.target), message.normalise_path)).append("\n");
  text.append(query).append("\n");
  append_headers(text, message, names);
  text.push_back('\n');
  for (const std::string_view name : names) {
    if (name != names.front()) text.push_back(';');
    text.append(name);
  }
  text.append("\n").append(payload);
  const crypto::Digest digest = crypto::sha256(as_bytes(text));
  secure::wipe(text.data(), text.size());
  return digest;
}

std::string scope_text(const SignatureScope& scope) {
  std::string out;
  out.reserve(64);
  out.append(scope.date);
  for (const std::string_view part :
       {std::string_view(scope.region), std::string_view(scope.service), kTerminator}) {
    out.append("/").append(part);
  }
  return out;
}

std::string string_to_sign(std::string_view date,
                           const SignatureScope& scope,
                           const crypto::Digest& canonical) {
  std::string out;
  out.reserve(256);
  out.append(kAlgorithm).append("\n").append(date).append("\n");
  return out.append(scope_text(scope)).append("\n").append(hex_encode(canonical));
}

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find('?'));
}

std::string_view query_of(std::string_view target) {
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

std::string basic_time(Timestamp at) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  std::string out = rfc3339({at.ns / kSecond * kSecond});
  std::erase_if(out, [](char c) { return c == '-' || c == ':'; });
  return out;
}

Result<Timestamp> parse_basic_time(std::string_view text) {
  const auto digits = [&](std::size_t from, std::size_t count) {
    return std::ranges::all_of(text.substr(from, count),
                               [](char c) { return c >= '0' && c <= '9'; });
  };
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z' || !digits(0, 8) || !digits(9, 6)) {
    return fail(Code::invalid_argument, "the date is not of the form YYYYMMDDTHHMMSSZ");
  }
  std::string spelt;
  spelt.append(text.substr(0, 4)).append("-").append(text.substr(4, 2)).append("-");
  spelt.append(text.substr(6, 5)).append(":").append(text.substr(11, 2)).append(":");
  spelt.append(text.substr(13));
  const auto parsed = parse_rfc3339(spelt);
  if (!parsed) return fail(Code::invalid_argument, "the date does not exist");
  return *parsed;
}

}  // namespace coffer::formats::sigv4
