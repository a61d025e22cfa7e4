#include "domain/pki/name_filter.h"

#include "domain/pki/certificate_type.h"
#include "formats/cidr.h"

#include <algorithm>
#include <array>

namespace coffer::domain {
namespace {

constexpr std::size_t kMaxHostName = 253;
constexpr std::size_t kMaxLabel = 63;
constexpr std::string_view kUtf8 = "UTF8:";

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

bool is_label(std::string_view label) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  return !label.empty() && label.size() <= kMaxLabel && std::ranges::all_of(label, plain) &&
         !label.starts_with('-') && !label.ends_with('-');
}

// A DNS name or an address of mail, in the parts that the rules look at.
struct ParsedName {
  std::string whole;  // lower case
  std::string host;   // behind the '@' of an address; else the whole
  bool email = false;
  bool wildcard = false;
};

std::unexpected<Error> refused() {
  return fail(Code::invalid_argument, "name that is not allowed by this role");
}

Result<ParsedName> parse(const CertificateRole& role, std::string_view name) {
  ParsedName out{.whole = lower(name), .host = lower(name)};
  if (const std::size_t at = out.whole.find('@'); at != std::string::npos) {
    out.email = true;
    out.host = out.whole.substr(at + 1);
    if (at == 0 || out.host.contains('@')) return refused();
  }
  out.wildcard = out.whole.contains('*');
  std::string_view reduced = out.host;
  if (out.wildcard) {
    if (!role.allow_wildcard_certificates || out.email || !out.host.starts_with("*.")) {
      return refused();
    }
    reduced.remove_prefix(2);
  }
  const bool host_wanted = role.enforce_hostnames || out.wildcard;
  if (host_wanted && !is_host_name(reduced)) return refused();
  return out;
}

bool domain_allows(const CertificateRole& role, const std::string& domain, const ParsedName& name) {
  if (role.allow_bare_domains && (name.host == domain || name.whole == domain)) return true;
  if (role.allow_subdomains && name.host.size() > domain.size() + 1 &&
      name.host.ends_with("." + domain)) {
    return true;
  }
  return role.allow_glob_domains && domain.contains('*') &&
         (matches_glob(domain, name.host) || (name.email && matches_glob(domain, name.whole)));
}

Result<> check_host(const CertificateRole& role, std::string_view text) {
  COFFER_TRY(const ParsedName name, parse(role, text));
  if (role.allow_any_name) return {};
  if (role.allow_localhost && (name.host == "localhost" || name.host == "localdomain")) return {};
  const bool allowed = std::ranges::any_of(role.allowed_domains, [&](const std::string& domain) {
    return !domain.empty() && domain_allows(role, lower(domain), name);
  });
  if (!allowed) return refused();
  return {};
}

Result<> check_common_name(const CertificateRole& role, std::string_view name) {
  if (name.empty()) {
    if (!role.require_cn) return {};
    return fail(Code::invalid_argument,
                "the common_name field is required, or must be provided in a CSR with "
                "\"use_csr_common_name\" set to true, unless \"require_cn\" is set to false");
  }
  if (role.cn_validations == std::vector<std::string>{"disabled"}) return {};
  const bool host = check_host(role, name).has_value();
  const auto* const kind = name.contains('@') ? "email" : "hostname";
  const bool of_a_kind = role.cn_validations.empty() ||
                         std::ranges::find(role.cn_validations, kind) != role.cn_validations.end();
  if (!host || !of_a_kind) {
    return fail(Code::invalid_argument, "common name not allowed by this role");
  }
  return {};
}

Result<> check_addresses(const CertificateRole& role, const std::vector<Bytes>& addresses) {
  if (addresses.empty()) return {};
  if (!role.allow_ip_sans) {
    return fail(Code::invalid_argument,
                "IP Subject Alternative Names are not allowed in this role");
  }
  if (role.allowed_ip_sans_cidr.empty()) return {};
  for (const Bytes& address : addresses) {
    std::array<std::uint8_t, 16> octets{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (address.size() == 16) octets = {};
    std::ranges::copy(address, octets.end() - static_cast<std::ptrdiff_t>(address.size()));
    const formats::IpAddress ip(octets);
    const bool inside = std::ranges::any_of(role.allowed_ip_sans_cidr, [&](const auto& text) {
      const auto block = formats::Cidr::parse(text);
      return block && block->contains(ip);
    });
    if (!inside) {
      return fail(Code::invalid_argument,
                  "IP Subject Alternative Name outside allowed_ip_sans_cidr");
    }
  }
  return {};
}

bool any_glob(const std::vector<std::string>& patterns, std::string_view text) {
  return std::ranges::any_of(
      patterns, [&](const std::string& pattern) { return matches_glob(pattern, text); });
}

bool other_allowed(const CertificateRole& role, const crypto::OtherName& name) {
  return std::ranges::any_of(role.allowed_other_sans, [&](std::string_view allowed) {
    if (allowed == "*") return true;
    const std::size_t semicolon = allowed.find(';');
    if (semicolon == std::string_view::npos || allowed.substr(0, semicolon) != name.type) {
      return false;
    }
    std::string_view pattern = allowed.substr(semicolon + 1);
    if (pattern == "*") return true;
    if (!lower(pattern.substr(0, kUtf8.size())).starts_with("utf8:")) return false;
    pattern.remove_prefix(kUtf8.size());
    return matches_glob(pattern, name.value);
  });
}

Result<> check_others(const CertificateRole& role, const RequestedNames& requested) {
  for (const std::string& uri : requested.names.uri) {
    if (!any_glob(role.allowed_uri_sans, uri)) {
      return fail(Code::invalid_argument, "URI Subject Alternative Name not allowed by this role");
    }
  }
  for (const crypto::OtherName& name : requested.names.other) {
    if (!other_allowed(role, name)) {
      return fail(Code::invalid_argument, "other SAN not allowed by this role");
    }
  }
  for (const std::string& serial : requested.subject.all(crypto::attribute::kSerialNumber)) {
    if (!any_glob(role.allowed_serial_numbers, serial)) {
      return fail(Code::invalid_argument, "serial_number not allowed by this role");
    }
  }
  for (const std::string& user : requested.subject.all(crypto::attribute::kUserId)) {
    if (!any_glob(role.allowed_user_ids, user)) {
      return fail(Code::invalid_argument, "user_id not allowed by this role");
    }
  }
  return {};
}

}  // namespace

Result<> check_requested(const CertificateRole& role, const RequestedNames& requested) {
  // Such a name says whom a certificate was issued to: nobody can ask for one.
  const bool reserved = std::ranges::any_of(requested.names.uri, [](const std::string& uri) {
    return lower(uri).starts_with(kReservedUri);
  });
  if (reserved) return fail(Code::invalid_argument, "URI subject alternate name is reserved");
  const auto common_names = requested.subject.all(crypto::attribute::kCommonName);
  if (common_names.size() > 1) {
    return fail(Code::invalid_argument, "more than one common name");
  }
  COFFER_CHECK(check_common_name(role, common_names.empty() ? "" : common_names.front()));
  for (const auto* list : {&requested.names.dns, &requested.names.email}) {
    for (const std::string& name : *list) {
      const bool email = list == &requested.names.email;
      if (email != name.contains('@') || !check_host(role, name)) {
        return fail(Code::invalid_argument, "subject alternate name not allowed by this role");
      }
    }
  }
  COFFER_CHECK(check_addresses(role, requested.names.ip));
  return check_others(role, requested);
}

bool is_host_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxHostName) return false;
  while (true) {
    const std::size_t dot = name.find('.');
    if (!is_label(name.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

bool matches_glob(std::string_view pattern, std::string_view text) {
  // The greedy match with one point to return to: linear in practice, quadratic at worst.
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t from = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++from;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace coffer::domain
