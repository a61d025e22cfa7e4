#include "gate/signed_message.h"

#include "base/encoding.h"

namespace coffer::gate {
namespace {

std::vector<formats::SignedHeader> headers_of(const net::Request& request) {
  std::vector<formats::SignedHeader> headers;
  headers.reserve(request.headers.size());
  for (const net::Header& header : request.headers) {
    headers.push_back({header.name, header.value.text()});
  }
  return headers;
}

}  // namespace

bool is_signed(const net::Request& request) {
  const std::vector<formats::SignedHeader> headers = headers_of(request);
  return formats::claims_signature(
      {.method = request.method, .target = request.target, .headers = headers, .body_sha256 = {}});
}

Result<formats::SignatureClaim> read_signed_request(const net::Request& request) {
  const std::vector<formats::SignedHeader> headers = headers_of(request);
  const std::string hash = hex_encode(crypto::sha256(request.body.view()));
  auto claim = formats::read_signature({.method = request.method,
                                        .target = request.target,
                                        .headers = headers,
                                        .body_sha256 = hash,
                                        .tls = request.peer.tls});
  if (!claim) return std::unexpected(domain::signature_error(std::move(claim).error()));
  return claim;
}

std::unexpected<Error> missing_signature() {
  return std::unexpected<Error>(Error{Code::unauthenticated,
                                      "Missing Authentication Token",
                                      "MissingAuthenticationTokenException"});
}

}  // namespace coffer::gate
