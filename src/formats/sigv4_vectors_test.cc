// The AWS signing test suite (awslabs/aws-c-auth): the folder is $COFFER_SHARED/vectors/sigv4, or
// the same under ../shared of the source tree; skipped where it is absent.

#include "base/encoding.h"
#include "base/time_text.h"
#include "formats/json.h"
#include "formats/sigv4_canonical.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace coffer::formats {
namespace {

namespace fs = std::filesystem;

fs::path folder() {
  const char* shared = std::getenv("COFFER_SHARED");
  const fs::path root = shared != nullptr
                            ? fs::path(shared)
                            : fs::path(__FILE__).parent_path() / ".." / ".." / ".." / "shared";
  return root / "vectors" / "sigv4";
}

std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  std::string text{std::istreambuf_iterator<char>(in), {}};
  return text;
}

// A request in the files' own notation: LF line ends, folded header lines.
struct Parsed {
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string body_sha256;
  std::vector<SignedHeader> views;

  SignedMessage message(bool normalise) {
    body_sha256 = hex_encode(crypto::sha256(as_bytes(body)));
    views.clear();
    for (const auto& [name, value] : headers) views.push_back({name, value});
    return {.method = method,
            .target = target,
            .headers = views,
            .body_sha256 = body_sha256,
            .tls = false,
            .normalise_path = normalise};
  }
};

Parsed parse(std::string_view text) {
  Parsed out;
  const auto line = [&] {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return taken;
  };
  const std::string_view first = line();
  const std::size_t space = first.find(' ');
  out.method = first.substr(0, space);
  out.target = first.substr(space + 1, first.rfind(' ') - space - 1);
  while (!text.empty()) {
    const std::string_view header = line();
    if (header.empty()) break;
    if (header.front() == ' ') {
      out.headers.back().second.append(" ").append(header);
      continue;
    }
    const std::size_t colon = header.find(':');
    std::string name(header.substr(0, colon));
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    out.headers.emplace_back(std::move(name), header.substr(colon + 1));
  }
  out.body = text;
  return out;
}

struct Case {
  explicit Case(fs::path at) : path(std::move(at)), context_text(text_of(path / "context.json")) {
    const JsonView context = JsonView::parse(context_text).value();
    const JsonView credentials = context.find("credentials").value();
    id = credentials.find("access_key_id")->string().value();
    secret = credentials.find("secret_access_key")->string().value();
    if (const auto found = credentials.find("token")) token = found->string().value();
    normalise = context.find("normalize")->boolean().value();
    how.region = region = context.find("region")->string().value();
    how.service = service = context.find("service")->string().value();
    how.now = parse_rfc3339(context.find("timestamp")->string().value()).value();
    how.hash_header = context.find("sign_body")->boolean().value();
    const auto omit = context.find("omit_session_token");
    how.sign_token = !omit || !omit->boolean().value();
    lifetime = std::chrono::seconds(context.find("expiration_in_seconds")->integer().value());
  }

  [[nodiscard]] SigningCredentials credentials() const { return {id, secret, token}; }

  fs::path path;
  std::string context_text;
  std::string id, secret, token, region, service;
  bool normalise = true;
  Signing how;
  Duration lifetime{};
};

void check_read(const Case& test, std::string_view form) {
  const std::string prefix = (test.path / form).string();
  Parsed request = parse(text_of(prefix + "-signed-request.txt"));
  const auto claim = read_signature(request.message(test.normalise));
  ASSERT_TRUE(claim) << prefix << ": " << claim.error().message;
  EXPECT_EQ(hex_encode(claim->signature), text_of(prefix + "-signature.txt")) << prefix;
  const std::string expected = text_of(prefix + "-string-to-sign.txt");
  EXPECT_TRUE(claim->string_to_sign == expected || claim->string_without_token == expected)
      << prefix << "\n"
      << claim->string_to_sign;
  EXPECT_EQ(claim->session_token.text(), test.token) << prefix;
  EXPECT_TRUE(signature_fits(*claim, signing_key(test.secret, claim->scope))) << prefix;
  EXPECT_FALSE(signature_fits(*claim, signing_key(test.secret + "x", claim->scope))) << prefix;
}

void check_signing(const Case& test) {
  Parsed request = parse(text_of(test.path / "request.txt"));
  const SignedMessage message = request.message(test.normalise);
  const auto added = sign_headers(message, test.credentials(), test.how);
  ASSERT_TRUE(added) << test.path;
  const std::string expected = text_of(test.path / "header-signature.txt");
  EXPECT_TRUE(added->back().second.text().ends_with("Signature=" + expected)) << test.path;
  Signing presigning = test.how;
  presigning.hash_header = false;
  const auto target = presign_target(message, test.credentials(), presigning, test.lifetime);
  ASSERT_TRUE(target) << test.path;
  EXPECT_TRUE(
      target->text().ends_with("&X-Amz-Signature=" + text_of(test.path / "query-signature.txt")))
      << test.path;
}

TEST(SigV4Vectors, AreReadVerifiedAndSigned) {
  if (!fs::is_directory(folder())) GTEST_SKIP() << "skipped: no SigV4 vectors beside the checkout";
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(folder())) {
    if (!entry.is_directory()) continue;
    const Case test(entry.path());
    check_read(test, "header");
    check_read(test, "query");
    check_signing(test);
    ++count;
  }
  EXPECT_EQ(count, 38U);
}

}  // namespace
}  // namespace coffer::formats
