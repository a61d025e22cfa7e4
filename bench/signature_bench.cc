// What AWS Signature V4 costs a request: reading it (the hashes of body and canonical request), the
// check under a kept key, and the key of a scope that was not met before.
#include "base/encoding.h"
#include "formats/sigv4.h"

#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <vector>

namespace {

using namespace coffer;

// As boto3 sends it.
struct Sent {
  explicit Sent(std::size_t octets) : body(octets, 'x') {
    const std::string hash = hex_encode(crypto::sha256(as_bytes(body)));
    const formats::SignedMessage message{
        .method = "POST", .target = "/", .headers = plain, .body_sha256 = hash};
    for (auto& [name, value] :
         *formats::sign_headers(message,
                                {"AKIAIOSFODNN7EXAMPLE", "secret", {}},
                                {.region = "us-east-1", .service = "kms", .now = {0}})) {
      added.emplace_back(std::move(name), std::move(value));
    }
    headers.assign(plain.begin(), plain.end());
    for (const auto& [name, value] : added) headers.push_back({name, value.text()});
    headers.push_back({"user-agent", "Boto3/1.40 md/Botocore ua/2.1 os/linux lang/python"});
    headers.push_back({"content-length", "100"});
  }

  Sent(const Sent&) = delete;
  Sent& operator=(const Sent&) = delete;
  ~Sent() = default;

  [[nodiscard]] formats::SignatureClaim read() const {
    const std::string hash = hex_encode(crypto::sha256(as_bytes(body)));
    return *formats::read_signature(
        {.method = "POST", .target = "/", .headers = headers, .body_sha256 = hash});
  }

  std::string body;
  std::array<formats::SignedHeader, 3> plain{{{"host", "localhost:8200"},
                                              {"x-amz-target", "TrentService.Decrypt"},
                                              {"content-type", "application/x-amz-json-1.1"}}};
  std::vector<std::pair<std::string, secure::SecureText>> added;
  std::vector<formats::SignedHeader> headers;
};

void read_signature(benchmark::State& state) {
  const Sent sent(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(sent.read());
}

void check_kept_key(benchmark::State& state) {
  const formats::SignatureClaim claim = Sent(100).read();
  const crypto::HmacKey key = formats::signing_key("secret", claim.scope);
  for (auto _ : state) benchmark::DoNotOptimize(formats::signature_fits(claim, key));
}

void derive_key(benchmark::State& state) {
  const formats::SignatureScope scope{"20260803", "us-east-1", "kms"};
  for (auto _ : state) benchmark::DoNotOptimize(formats::signing_key("secret", scope));
}

BENCHMARK(read_signature)->Arg(100)->Arg(4096);
BENCHMARK(check_kept_key);
BENCHMARK(derive_key);

}  // namespace

BENCHMARK_MAIN();
