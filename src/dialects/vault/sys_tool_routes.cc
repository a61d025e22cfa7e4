// Random octets and hashes, below sys/tools and in every transit mount. They touch no data of the
// server.
#include "base/encoding.h"
#include "crypto/hash.h"
#include "dialects/vault/envelope.h"
#include "dialects/vault/sys_families.h"
#include "dialects/vault/transit_parts.h"
#include "formats/vault_fields.h"

#include <charconv>

namespace coffer::dialects::vault {
namespace {

using crypto::HashKind;
using formats::JsonWriter;
using gate::Call;
using gate::Reply;

constexpr std::int64_t kDefaultRandom = 32;
constexpr std::int64_t kMaxRandom = 128 * 1024;

// What the path says, else what the body says.
Result<std::optional<std::string>> from_path_or_body(const Call& call, std::string_view name) {
  if (!call.routing.captures.empty()) return call.routing.captures.back();
  return formats::text_field(call.body, name);
}

Result<bool> in_hex(const Call& call, bool usual) {
  COFFER_TRY(const auto format, formats::text_field(call.body, "format"));
  if (!format || format->empty()) return usual;
  if (*format == "hex") return true;
  if (*format == "base64") return false;
  return fail(Code::invalid_argument, "format must be \"hex\" or \"base64\"");
}

Result<std::size_t> wanted_octets(const Call& call) {
  COFFER_TRY(const auto text, from_path_or_body(call, "bytes"));
  std::int64_t count = kDefaultRandom;
  if (text && !text->empty()) {
    const auto [stop, error] = std::from_chars(text->data(), text->data() + text->size(), count);
    if (error != std::errc{} || stop != text->data() + text->size()) count = 0;
  }
  if (count < 1 || count > kMaxRandom) {
    return fail(Code::invalid_argument, "\"bytes\" must be between 1 and 131072");
  }
  return static_cast<std::size_t>(count);
}

Result<Reply> random_octets(Call& call) {
  COFFER_TRY(const std::size_t count, wanted_octets(call));
  COFFER_TRY(const bool hex, in_hex(call, false));
  const secure::SecureBytes octets = call.random.bytes(count);
  const secure::SecureText text =
      hex ? secure::hex_text(octets.view()) : secure::base64_text(octets.view());
  return data_answer(call, [&](JsonWriter& w) { w.key("random_bytes").string(text.text()); });
}

Result<HashKind> algorithm_of(const Call& call) {
  COFFER_TRY(const auto name, from_path_or_body(call, "algorithm"));
  const std::string_view asked = name && !name->empty() ? std::string_view(*name) : "sha2-256";
  for (const auto& [known, kind] : {std::pair{"sha2-224", HashKind::sha224},
                                    std::pair{"sha2-256", HashKind::sha256},
                                    std::pair{"sha2-384", HashKind::sha384},
                                    std::pair{"sha2-512", HashKind::sha512},
                                    std::pair{"sha3-224", HashKind::sha3_224},
                                    std::pair{"sha3-256", HashKind::sha3_256},
                                    std::pair{"sha3-384", HashKind::sha3_384},
                                    std::pair{"sha3-512", HashKind::sha3_512}}) {
    if (asked == known) return kind;
  }
  return fail(Code::invalid_argument,
              "unsupported algorithm: sha2- or sha3-224, -256, -384 or -512");
}

Result<Reply> hash(Call& call) {
  COFFER_TRY(const HashKind kind, algorithm_of(call));
  COFFER_TRY(const bool hex, in_hex(call, true));
  COFFER_TRY(const auto input, formats::secret_field(call.body, "input"));
  if (!input) return fail(Code::invalid_argument, "missing input");
  secure::SecureBytes octets(input->size());
  const auto size = base64_decode_to(input->text(), Base64::standard, octets.mutable_view().data());
  if (!size) return fail(Code::invalid_argument, "input is not base64");
  octets.resize(*size);
  const Bytes sum = crypto::hash(kind, octets.view());
  return data_answer(call, [&](JsonWriter& w) {
    w.key("sum").string(hex ? hex_encode(sum) : base64_encode(sum));
  });
}

}  // namespace

void add_tool_routes(RouteTable& routes,
                     std::string_view path_prefix,
                     std::string_view random_action,
                     std::string_view hash_action) {
  const auto add = [&](std::string_view pattern, std::string_view action, gate::Handler handler) {
    routes.push_back(guarded(Verb::write,
                             std::string(path_prefix) + std::string(pattern),
                             proof::EventType::system_read,
                             action,
                             std::move(handler)));
  };
  add("random", random_action, random_octets);
  add("random/{bytes}", random_action, random_octets);
  add("random/platform/{bytes}", random_action, random_octets);
  add("hash", hash_action, hash);
  add("hash/{algorithm}", hash_action, hash);
}

RouteTable sys_tool_routes() {
  RouteTable t;
  add_tool_routes(t, "tools/", "sys.tools.random", "sys.tools.hash");
  return t;
}

}  // namespace coffer::dialects::vault
