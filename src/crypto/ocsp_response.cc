#include "crypto/certificate_der.h"
#include "crypto/ocsp.h"

namespace coffer::crypto {
namespace {

constexpr std::uint8_t kSuccessful = 0;

void write_status(DerWriter& w, const OcspAnswer& answer) {
  switch (answer.status) {
    case CertificateStatus::good:
      w.node(der::context(0), ByteView());
      return;
    case CertificateStatus::revoked:
      w.nest(der::context_of(1), [&] {
        w.generalized_time(answer.revoked_at);
        if (answer.reason == RevocationReason::unspecified) return;
        w.nest(der::context_of(0), [&] {
          const auto reason = static_cast<std::uint8_t>(answer.reason);
          w.node(der::kEnumerated, ByteView(&reason, 1));
        });
      });
      return;
    case CertificateStatus::unknown:
      w.node(der::context(2), ByteView());
      return;
  }
}

void write_single(DerWriter& w,
                  const OcspTemplate& response,
                  const OcspQuestion& question,
                  const OcspAnswer& answer) {
  w.sequence([&] {
    w.raw(question.id_der);
    write_status(w, answer);
    w.generalized_time(response.this_update);
    if (!response.next_update) return;
    w.nest(der::context_of(0), [&] { w.generalized_time(*response.next_update); });
  });
}

void write_nonce(DerWriter& w, ByteView nonce) {
  w.nest(der::context_of(1), [&] {
    w.sequence([&] {
      w.sequence([&] {
        w.oid("1.3.6.1.5.5.7.48.1.2");
        w.nest(der::kOctetString, [&] { w.node(der::kOctetString, nonce); });
      });
    });
  });
}

}  // namespace

Result<Bytes> build_ocsp_response(const OcspTemplate& response,
                                  const OcspRequest& request,
                                  const std::vector<OcspAnswer>& answers,
                                  const Certificate& issuer,
                                  const PrivateKey& signer,
                                  CertificateScheme scheme) {
  if (answers.size() != request.questions.size()) {
    return fail(Code::internal, "an OCSP response needs an answer for each question");
  }
  DerWriter data;  // ResponseData, §4.2.1
  data.sequence([&] {
    data.nest(der::context_of(1), [&] { data.raw(issuer.subject_der); });  // responder by name
    data.generalized_time(response.produced_at);
    data.sequence([&] {
      for (std::size_t i = 0; i < answers.size(); ++i) {
        write_single(data, response, request.questions[i], answers[i]);
      }
    });
    if (request.nonce) write_nonce(data, *request.nonce);
  });
  COFFER_TRY(const Bytes basic, sign_structure(data.octets(), signer, scheme));
  DerWriter w;
  w.sequence([&] {
    w.node(der::kEnumerated, ByteView(&kSuccessful, 1));
    w.nest(der::context_of(0), [&] {
      w.sequence([&] {
        w.oid("1.3.6.1.5.5.7.48.1.1");  // id-pkix-ocsp-basic
        w.node(der::kOctetString, basic);
      });
    });
  });
  return w.take();
}

Bytes build_ocsp_failure(OcspFailure failure) {
  DerWriter w;
  const auto status = static_cast<std::uint8_t>(failure);
  w.sequence([&] { w.node(der::kEnumerated, ByteView(&status, 1)); });
  return w.take();
}

}  // namespace coffer::crypto
