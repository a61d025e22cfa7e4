#include "crypto/certificate.h"
#include "crypto/certificate_der.h"

#include <algorithm>

namespace coffer::crypto {
namespace {

constexpr std::size_t kRoomForSignature = 1024;  // RSA-4096: 512 octets, its algorithm 70

// An extension whose value is what `content` writes.
template <class F>
void extension(DerWriter& w, std::string_view type, bool critical, F&& content) {
  DerWriter value;
  std::forward<F>(content)(value);
  w.sequence([&] {
    w.oid(type);
    if (critical) w.boolean(true);
    w.node(der::kOctetString, value.octets());
  });
}

bool is_uri(const std::string& text) {
  return !text.empty() && text.size() <= kMaxAlternativeText &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

Result<> check(const CertificateTemplate& request) {
  COFFER_CHECK(check_name(request.subject));
  COFFER_CHECK(check_names(request.names));
  for (const auto* list : {&request.extended_usage, &request.policies}) {
    if (!std::ranges::all_of(*list, [](const std::string& oid) { return is_oid(oid); })) {
      return fail(Code::invalid_argument, "malformed object identifier");
    }
  }
  const IssuerUrls& urls = request.urls;
  for (const auto* list :
       {&urls.issuing, &urls.ocsp, &urls.crl, &urls.delta_crl, &request.permitted_dns}) {
    if (!std::ranges::all_of(*list, is_uri)) {
      return fail(Code::invalid_argument, "malformed URL or DNS domain");
    }
  }
  const bool has_serial =
      !request.serial.empty() && request.serial.size() <= kMaxSerialOctets &&
      std::ranges::any_of(request.serial, [](std::uint8_t octet) { return octet != 0; });
  if (!has_serial) return fail(Code::invalid_argument, "serial number out of its range");
  if (request.not_before >= request.not_after) {
    return fail(Code::invalid_argument, "certificate that ends before it begins");
  }
  return {};
}

void write_constraints(DerWriter& w, const BasicConstraints& constraints) {
  w.sequence([&] {
    if (!constraints.authority) return;
    w.boolean(true);
    if (constraints.path_length) w.integer(std::uint64_t{*constraints.path_length});
  });
}

void write_oids(DerWriter& w, const std::vector<std::string>& oids, bool each_in_a_sequence) {
  w.sequence([&] {
    for (const std::string& oid : oids) {
      if (each_in_a_sequence) {
        w.sequence([&] { w.oid(oid); });
      } else {
        w.oid(oid);
      }
    }
  });
}

// NameConstraints with permitted DNS subtrees, RFC 5280 §4.2.1.10.
void write_permitted(DerWriter& w, const std::vector<std::string>& domains) {
  w.sequence([&] {
    w.nest(der::context_of(0), [&] {
      for (const std::string& domain : domains) {
        w.sequence([&] { w.node(der::context(2), domain); });
      }
    });
  });
}

// AuthorityInfoAccess, RFC 5280 §4.2.2.1.
void write_access(DerWriter& w, const IssuerUrls& urls) {
  const auto describe = [&](std::string_view method, const std::vector<std::string>& places) {
    for (const std::string& place : places) {
      w.sequence([&] {
        w.oid(method);
        w.node(der::context(6), place);
      });
    }
  };
  w.sequence([&] {
    describe("1.3.6.1.5.5.7.48.1", urls.ocsp);
    describe("1.3.6.1.5.5.7.48.2", urls.issuing);
  });
}

// CRLDistributionPoints, RFC 5280 §4.2.1.13: a point for each place, as each holds the whole list.
void write_points(DerWriter& w, const std::vector<std::string>& places) {
  w.sequence([&] {
    for (const std::string& place : places) {
      w.sequence([&] {
        w.nest(der::context_of(0),
               [&] { w.nest(der::context_of(0), [&] { w.node(der::context(6), place); }); });
      });
    }
  });
}

void write_names_extensions(DerWriter& w, const CertificateTemplate& request) {
  if (request.names.size() > 0) {
    // Critical where the subject is empty: RFC 5280 §4.2.1.6.
    extension(w, "2.5.29.17", request.subject.attributes.empty(), [&](DerWriter& value) {
      write_names(value, request.names);
    });
  }
  if (!request.permitted_dns.empty()) {
    extension(w, "2.5.29.30", true, [&](DerWriter& value) {
      write_permitted(value, request.permitted_dns);
    });
  }
}

void write_url_extensions(DerWriter& w, const IssuerUrls& urls) {
  if (!urls.ocsp.empty() || !urls.issuing.empty()) {
    extension(w, "1.3.6.1.5.5.7.1.1", false, [&](DerWriter& value) { write_access(value, urls); });
  }
  if (!urls.crl.empty()) {
    extension(w, "2.5.29.31", false, [&](DerWriter& value) { write_points(value, urls.crl); });
  }
  if (!urls.delta_crl.empty()) {
    extension(
        w, "2.5.29.46", false, [&](DerWriter& value) { write_points(value, urls.delta_crl); });
  }
}

void write_usage_extensions(DerWriter& w, const CertificateTemplate& request) {
  if (request.usage != 0) {
    extension(w, "2.5.29.15", true, [&](DerWriter& value) { value.named_bits(request.usage); });
  }
  if (!request.extended_usage.empty()) {
    extension(w, "2.5.29.37", false, [&](DerWriter& value) {
      write_oids(value, request.extended_usage, false);
    });
  }
  if (request.constraints) {
    extension(w, "2.5.29.19", true, [&](DerWriter& value) {
      write_constraints(value, *request.constraints);
    });
  }
  if (!request.policies.empty()) {
    extension(w, "2.5.29.32", false, [&](DerWriter& value) {
      write_oids(value, request.policies, true);
    });
  }
}

void write_key_identifiers(DerWriter& w, const CertificateTemplate& request) {
  const Bytes subject = request.subject_key_id.empty() ? key_identifier(request.public_key_der)
                                                       : request.subject_key_id;
  extension(
      w, "2.5.29.14", false, [&](DerWriter& value) { value.node(der::kOctetString, subject); });
  if (request.authority_key_id.empty()) return;
  extension(w, "2.5.29.35", false, [&](DerWriter& value) {
    value.sequence([&] { value.node(der::context(0), request.authority_key_id); });
  });
}

}  // namespace

Result<Bytes> build_certificate(const CertificateTemplate& request,
                                ByteView issuer_name,
                                const PrivateKey& signer,
                                CertificateScheme scheme) {
  COFFER_CHECK(check(request));
  DerWriter w;
  w.sequence([&] {
    w.nest(der::context_of(0), [&] { w.integer(std::uint64_t{2}); });  // v3
    w.integer(request.serial);
    write_algorithm(w, signer.kind(), scheme);
    if (issuer_name.empty()) {
      write_name(w, request.subject);
    } else {
      w.raw(issuer_name);
    }
    w.sequence([&] {
      w.time(request.not_before);
      w.time(request.not_after);
    });
    write_name(w, request.subject);
    w.raw(request.public_key_der);
    w.nest(der::context_of(3), [&] {
      w.sequence([&] {
        write_usage_extensions(w, request);
        write_key_identifiers(w, request);
        write_url_extensions(w, request.urls);
        write_names_extensions(w, request);
      });
    });
  });
  if (w.octets().size() + kRoomForSignature > kMaxCertificateDer) {
    return fail(Code::invalid_argument, "certificate beyond the size limit");
  }
  return sign_structure(w.octets(), signer, scheme);
}

}  // namespace coffer::crypto
