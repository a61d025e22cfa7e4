// pki/config: defaults, URLs and lists of an authority; and its tidying.
#include "base/time_text.h"
#include "dialects/vault/auth_answer.h"
#include "dialects/vault/pki_parts.h"
#include "formats/vault_fields.h"

#include <algorithm>
#include <array>

namespace coffer::dialects::vault {
namespace {

using domain::AuthorityRow;
using domain::CrlSettings;
using domain::PkiUrls;
using formats::JsonWriter;
using proof::EventType;

constexpr Duration kDefaultBuffer = std::chrono::hours(72);
constexpr std::size_t kMaxUrls = 20;

using UrlList = std::vector<std::string> PkiUrls::*;
constexpr std::array kUrlLists{
    std::pair<std::string_view, UrlList>{"issuing_certificates", &PkiUrls::issuing_certificates},
    std::pair<std::string_view, UrlList>{"crl_distribution_points",
                                         &PkiUrls::crl_distribution_points},
    std::pair<std::string_view, UrlList>{"delta_crl_distribution_points",
                                         &PkiUrls::delta_crl_distribution_points},
    std::pair<std::string_view, UrlList>{"ocsp_servers", &PkiUrls::ocsp_servers}};

Result<AuthorityRow> settings_of(const gate::Call& call) {
  return pki_authority(call).settings();
}

gate::Reply show_urls(const gate::Call& call, const AuthorityRow& row) {
  return data_answer(call, [&](JsonWriter& w) {
    for (const auto& [name, list] : kUrlLists) w.key(name).strings((*row.urls).*list);
    w.key("enable_templating").boolean(false);
  });
}

Result<gate::Reply> read_urls(gate::Call& call) {
  COFFER_TRY(const AuthorityRow row, settings_of(call));
  return show_urls(call, row);
}

Result<gate::Reply> write_urls(gate::Call& call) {
  COFFER_TRY(AuthorityRow row, settings_of(call));
  COFFER_TRY(const auto templating, formats::bool_field(call.body, "enable_templating"));
  if (templating && *templating) {
    return fail(Code::invalid_argument, "enable_templating is not supported");
  }
  for (const auto& [name, list] : kUrlLists) {
    std::vector<std::string>& urls = (*row.urls).*list;
    COFFER_CHECK(assign(formats::list_field(call.body, name), urls));
    const bool good =
        urls.size() <= kMaxUrls && std::ranges::all_of(urls, [](const std::string& url) {
          return (url.starts_with("http://") || url.starts_with("https://") ||
                  url.starts_with("ldap://")) &&
                 url.size() <= crypto::kMaxAlternativeText &&
                 std::ranges::all_of(url, [](char c) { return c > ' ' && c <= '~'; });
        });
    if (!good) return fail(Code::invalid_argument, std::string(name) + ": invalid URL");
  }
  COFFER_CHECK(pki_authority(call).put_settings(row));
  return show_urls(call, row);
}

gate::Reply show_crl(const gate::Call& call, const CrlSettings& crl) {
  return data_answer(call, [&](JsonWriter& w) {
    w.key("expiry").string(crl.expiry).key("disable").boolean(crl.disable);
    w.key("ocsp_disable").boolean(crl.ocsp_disable);
    w.key("ocsp_expiry").string(crl.ocsp_expiry);
    w.key("auto_rebuild").boolean(crl.auto_rebuild);
    w.key("auto_rebuild_grace_period").string(crl.auto_rebuild_grace_period);
    w.key("enable_delta").boolean(crl.enable_delta);
    w.key("delta_rebuild_interval").string(crl.delta_rebuild_interval);
    w.key("allow_expired_cert_revocation").boolean(true);
  });
}

Result<gate::Reply> read_crl(gate::Call& call) {
  COFFER_TRY(const AuthorityRow row, settings_of(call));
  return show_crl(call, *row.crl);
}

Result<> read_period(const gate::Call& call, std::string_view name, std::string& text) {
  COFFER_CHECK(assign(formats::text_field(call.body, name), text));
  const auto parsed = parse_duration(text);
  if (!parsed || *parsed <= Duration{} || *parsed > std::chrono::hours(24 * 3660)) {
    return fail(Code::invalid_argument, "given " + std::string(name) + " could not be decoded");
  }
  return {};
}

Result<gate::Reply> write_crl(gate::Call& call) {
  COFFER_TRY(AuthorityRow row, settings_of(call));
  CrlSettings& crl = *row.crl;
  COFFER_CHECK(read_period(call, "expiry", crl.expiry));
  COFFER_CHECK(read_period(call, "ocsp_expiry", crl.ocsp_expiry));
  COFFER_CHECK(read_period(call, "auto_rebuild_grace_period", crl.auto_rebuild_grace_period));
  COFFER_CHECK(read_period(call, "delta_rebuild_interval", crl.delta_rebuild_interval));
  COFFER_CHECK(assign(formats::bool_field(call.body, "disable"), crl.disable));
  COFFER_CHECK(assign(formats::bool_field(call.body, "ocsp_disable"), crl.ocsp_disable));
  COFFER_CHECK(assign(formats::bool_field(call.body, "auto_rebuild"), crl.auto_rebuild));
  COFFER_CHECK(assign(formats::bool_field(call.body, "enable_delta"), crl.enable_delta));
  if (crl.enable_delta && !crl.auto_rebuild) {
    return fail(Code::invalid_argument,
                "Delta CRLs cannot be enabled when auto rebuilding is disabled as the complete CRL "
                "is always regenerated!");
  }
  COFFER_CHECK(pki_authority(call).put_settings(row));
  return show_crl(call, *row.crl);
}

gate::Reply show_issuers(const gate::Call& call, const AuthorityRow& row) {
  return data_answer(call, [&](JsonWriter& w) {
    w.key("default").string(*row.default_issuer);
    w.key("default_follows_latest_issuer").boolean(*row.default_follows_latest);
  });
}

Result<gate::Reply> read_issuers(gate::Call& call) {
  COFFER_TRY(const AuthorityRow row, settings_of(call));
  return show_issuers(call, row);
}

Result<gate::Reply> write_issuers(gate::Call& call) {
  COFFER_TRY(AuthorityRow row, settings_of(call));
  COFFER_TRY(const auto ref, formats::text_field(call.body, "default"));
  if (ref) {
    COFFER_TRY(const auto issuer, pki_authority(call).issuer(*ref));
    row.default_issuer = *issuer->row.id;
  }
  COFFER_CHECK(assign(formats::bool_field(call.body, "default_follows_latest_issuer"),
                      *row.default_follows_latest));
  COFFER_CHECK(pki_authority(call).put_settings(row));
  return show_issuers(call, row);
}

Result<gate::Reply> read_keys(gate::Call& call) {
  COFFER_TRY(const AuthorityRow row, settings_of(call));
  return data_answer(call, [&](JsonWriter& w) { w.key("default").string(*row.default_key); });
}

Result<gate::Reply> write_keys(gate::Call& call) {
  COFFER_TRY(AuthorityRow row, settings_of(call));
  COFFER_TRY(const std::string ref, required_text(call.body, "default"));
  COFFER_TRY(const auto key, pki_authority(call).key(ref));
  row.default_key = *key->row.id;
  COFFER_CHECK(pki_authority(call).put_settings(row));
  return data_answer(call, [&](JsonWriter& w) { w.key("default").string(*row.default_key); });
}

// The housekeeping does the work; here it is asked for.
Result<gate::Reply> tidy(gate::Call& call) {
  bool wanted = false;
  for (const std::string_view name :
       {"tidy_cert_store", "tidy_revoked_certs", "tidy_invalid_certs"}) {
    COFFER_TRY(const auto flag, formats::bool_field(call.body, name));
    wanted = wanted || (flag && *flag);
  }
  Duration buffer = kDefaultBuffer;
  COFFER_CHECK(assign(formats::duration_field(call.body, "safety_buffer"), buffer));
  if (buffer < std::chrono::seconds(1) || buffer > std::chrono::hours(24 * 36600)) {
    return fail(Code::invalid_argument, "safety_buffer must be greater than zero");
  }
  Answer out;
  out.status = 202;
  if (!wanted) {
    out.warnings.emplace_back(
        "No targets to tidy; specify tidy_cert_store=true or tidy_revoked_certs=true.");
    return answer(call, std::move(out));
  }
  COFFER_TRY(AuthorityRow row, settings_of(call));
  row.tidy_before = call.now - buffer;
  COFFER_CHECK(pki_authority(call).put_settings(std::move(row)));
  out.warnings.emplace_back(
      "Tidy operation successfully started: what expired is removed in the background.");
  return answer(call, std::move(out));
}

Result<gate::Reply> tidy_cancel(gate::Call& call) {
  COFFER_TRY(AuthorityRow row, settings_of(call));
  row.tidy_before = Timestamp{};
  COFFER_CHECK(pki_authority(call).put_settings(std::move(row)));
  return data_answer(call, [](JsonWriter& w) { w.key("state").string("Inactive"); });
}

Result<gate::Reply> tidy_status(gate::Call& call) {
  COFFER_TRY(const AuthorityRow row, settings_of(call));
  return data_answer(call, [&](JsonWriter& w) {
    w.key("state").string(row.tidy_before->ns == 0 ? "Inactive" : "Running");
    w.key("error").null();
  });
}

}  // namespace

RouteTable pki_config_routes() {
  constexpr EventType kChanged = EventType::authority_configured;
  constexpr EventType kRead = EventType::certificate_read;
  RouteTable t;
  const auto add =
      [&](Verb verb, std::string_view pattern, std::string_view action, gate::Handler run) {
        const EventType event = verb == Verb::read ? kRead : kChanged;
        t.push_back(guarded(verb, pattern, event, pki_rule(action), std::move(run)));
      };
  add(Verb::read, "config/urls", "pki.config.read", read_urls);
  add(Verb::write, "config/urls", "pki.config.write", write_urls);
  add(Verb::read, "config/crl", "pki.config.read", read_crl);
  add(Verb::write, "config/crl", "pki.config.write", write_crl);
  add(Verb::read, "config/issuers", "pki.config.read", read_issuers);
  add(Verb::write, "config/issuers", "pki.config.write", write_issuers);
  add(Verb::write, "root/replace", "pki.config.write", write_issuers);
  add(Verb::read, "config/keys", "pki.config.read", read_keys);
  add(Verb::write, "config/keys", "pki.config.write", write_keys);
  add(Verb::write, "tidy", "pki.tidy", tidy);
  add(Verb::write, "tidy-cancel", "pki.tidy", tidy_cancel);
  add(Verb::read, "tidy-status", "pki.tidy.read", tidy_status);
  return t;
}

}  // namespace coffer::dialects::vault
