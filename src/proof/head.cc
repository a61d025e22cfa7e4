#include "proof/head.h"

#include "base/encoding.h"

#include <algorithm>

namespace coffer::proof {
namespace {

constexpr std::uint8_t kWithoutRows = 1;  // versions
constexpr std::uint8_t kWithRows = 2;
constexpr std::string_view kChainLabel = "coffer audit v1";

std::uint8_t version_of(const Head& head) {
  return head.rows ? kWithRows : kWithoutRows;
}

std::string_view text_prefix(const Head& head) {
  return head.rows ? "coffer-head:v2:" : "coffer-head:v1:";
}

std::string_view sign_label(const Head& head) {
  return head.rows ? "coffer audit head v2" : "coffer audit head v1";
}

void encode_unsigned(const Head& head, Bytes& out) {
  Writer writer(out);
  writer.u8(version_of(head));
  append(out, head.log_id);
  writer.u64(head.sequence);
  append(out, head.link);
  writer.u64(static_cast<std::uint64_t>(head.time.ns));
  if (head.rows) append(out, *head.rows);
}

Bytes signed_message(const Head& head) {
  Bytes message = to_bytes(sign_label(head));
  encode_unsigned(head, message);
  return message;
}

}  // namespace

Result<SignedHead> sign_head(Head head, const crypto::PrivateKey& key) {
  COFFER_TRY(Bytes signature, key.sign(signed_message(head)));
  return SignedHead{std::move(head), std::move(signature)};
}

bool verify_head(const SignedHead& head, const crypto::PublicKey& key) {
  return key.verify(signed_message(head.head), head.signature);
}

void encode_head(const SignedHead& head, Bytes& out) {
  encode_unsigned(head.head, out);
  Writer(out).bytes(head.signature);
}

Result<SignedHead> decode_head(Reader& in) {
  SignedHead head;
  COFFER_TRY(const std::uint8_t version, in.u8());
  if (version != kWithoutRows && version != kWithRows)
    return fail(Code::corrupt, "head: unknown version");
  COFFER_TRY(const ByteView log_id, in.take(kLogIdSize));
  head.head.log_id = to_bytes(log_id);
  COFFER_TRY(head.head.sequence, in.u64());
  if (head.head.sequence == 0) return fail(Code::corrupt, "head: sequence 0");
  COFFER_TRY(const ByteView link, in.take(head.head.link.size()));
  std::copy(link.begin(), link.end(), head.head.link.begin());
  COFFER_TRY(const std::uint64_t time, in.u64());
  head.head.time.ns = static_cast<std::int64_t>(time);
  if (version == kWithRows) {
    COFFER_TRY(const ByteView rows, in.take(crypto::Digest().size()));
    std::ranges::copy(rows, head.head.rows.emplace().begin());
  }
  COFFER_TRY(const ByteView signature, in.bytes());
  if (signature.empty() || signature.size() > kMaxHeadSignature) {
    return fail(Code::corrupt, "head: signature has a wrong size");
  }
  head.signature = to_bytes(signature);
  return head;
}

std::string head_text(const SignedHead& head) {
  Bytes encoded;
  encode_head(head, encoded);
  return std::string(text_prefix(head.head)) + base64_encode(encoded, Base64::url_raw);
}

Result<SignedHead> parse_head(std::string_view text) {
  if (text.size() > kMaxHeadText) return fail(Code::invalid_argument, "head: text is too long");
  constexpr std::size_t kPrefix = std::string_view("coffer-head:v2:").size();
  if (text.size() < kPrefix) return fail(Code::invalid_argument, "head: text is too short");
  COFFER_TRY(const Bytes encoded, base64_decode(text.substr(kPrefix), Base64::url_raw));
  Reader in(encoded);
  auto head = decode_head(in);
  if (!head) return fail(Code::invalid_argument, std::move(head).error().message);
  if (!in.finish()) return fail(Code::invalid_argument, "head: trailing octets");
  if (!text.starts_with(text_prefix(head->head))) {
    return fail(Code::invalid_argument, "head: does not begin with coffer-head: and its version");
  }
  return head;
}

crypto::Digest head_digest(const SignedHead& head) {
  Bytes encoded;
  encode_head(head, encoded);
  return crypto::sha256(encoded);
}

crypto::Digest first_link(ByteView log_id) {
  return crypto::sha256({as_bytes(kChainLabel), log_id});
}

crypto::Digest next_link(const crypto::Digest& link, ByteView encoded_event) {
  return crypto::sha256({ByteView(link), encoded_event});
}

}  // namespace coffer::proof
