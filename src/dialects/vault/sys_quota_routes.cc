// sys/quotas: how many requests an address may make. What counts is in gate/rate_limits.h.
#include "dialects/vault/envelope.h"
#include "dialects/vault/sys_families.h"
#include "domain/realms/quotas.h"
#include "formats/vault_fields.h"

#include <charconv>
#include <cmath>

namespace coffer::dialects::vault {
namespace {

using domain::RateQuota;
using domain::RateQuotas;
using formats::JsonWriter;
using gate::Call;
using gate::Reply;

constexpr double kThousand = 1'000;
constexpr double kMostThousandths = 1e12;  // far beyond what the quotas take

const std::string& name_of(const Call& call) {
  return call.routing.captures.at(0);
}

std::int64_t seconds(Duration d) {
  return std::chrono::duration_cast<std::chrono::seconds>(d).count();
}

// A number or its text, to a thousandth of a request.
Result<std::optional<std::uint64_t>> rate_field(const formats::JsonView& body) {
  COFFER_TRY(const auto text, formats::text_field(body, "rate"));
  if (!text) return std::nullopt;
  double rate = 0;
  const char* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, rate);
  const double thousandths = std::round(rate * kThousand);
  if (error != std::errc{} || stop != end || !(thousandths >= 1) ||
      thousandths > kMostThousandths) {
    return fail(Code::invalid_argument, "rate: expected a number greater than 0");
  }
  return static_cast<std::uint64_t>(thousandths);
}

// Decimal, without needless zeros.
std::string rate_text(std::uint64_t thousandths) {
  std::string text = std::to_string(thousandths / 1000);
  const std::uint64_t rest = thousandths % 1000;
  if (rest == 0) return text;
  text += '.' + std::to_string(1000 + rest).substr(1);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

Result<Reply> write(Call& call) {
  COFFER_CHECK(
      refuse_fields(call.body, {"role", "inheritable"}, "not supported by this server's quotas"));
  COFFER_TRY(const auto type, formats::text_field(call.body, "type"));
  if (type && *type != "rate-limit") return fail(Code::invalid_argument, "type: not rate-limit");
  COFFER_TRY(const auto path, formats::text_field(call.body, "path"));
  COFFER_TRY(const auto rate, rate_field(call.body));
  COFFER_TRY(const auto interval, formats::duration_field(call.body, "interval"));
  COFFER_TRY(const auto block, formats::duration_field(call.body, "block_interval"));
  if (!rate) return fail(Code::invalid_argument, "rate: is required");
  RateQuota quota{.path = path.value_or(""),
                  .thousandths = *rate,
                  .interval = interval.value_or(Duration{}),
                  .block = block.value_or(Duration{})};
  if (quota.interval == Duration{}) quota.interval = std::chrono::seconds(1);
  COFFER_CHECK(RateQuotas(*call.view).put(name_of(call), quota));
  call.note("quota", name_of(call));
  return no_content();
}

Result<Reply> read(Call& call) {
  COFFER_TRY(const auto row, RateQuotas(*call.view).all());
  if (!row) return fail(Code::not_found, "");
  const auto found = row->row.quotas->find(name_of(call));
  if (found == row->row.quotas->end()) return fail(Code::not_found, "");
  const RateQuota& quota = found->second;
  return data_answer(call, [&](JsonWriter& w) {
    w.key("name").string(found->first).key("type").string("rate-limit");
    w.key("path").string(quota.path);
    w.key("rate").raw(rate_text(quota.thousandths));
    w.key("interval").integer(seconds(quota.interval));
    w.key("block_interval").integer(seconds(quota.block));
    w.key("role").string("").key("inheritable").boolean(false);
  });
}

Result<Reply> remove(Call& call) {
  COFFER_CHECK(RateQuotas(*call.view).remove(name_of(call)));
  call.note("quota", name_of(call));
  return no_content();
}

Result<Reply> list(Call& call) {
  COFFER_TRY(const auto row, RateQuotas(*call.view).all());
  std::vector<std::string> names;
  if (row) {
    for (const auto& [name, quota] : *row->row.quotas) names.push_back(name);
  }
  return list_answer(call, names);
}

Result<Reply> read_config(Call& call) {
  COFFER_TRY(const auto row, RateQuotas(*call.view).all());
  return data_answer(call, [&](JsonWriter& w) {
    w.key("enable_rate_limit_audit_logging").boolean(false);
    w.key("enable_rate_limit_response_headers").boolean(false);
    w.key("rate_limit_exempt_paths").strings(row ? *row->row.exempt : std::vector<std::string>());
  });
}

Result<Reply> write_config(Call& call) {
  COFFER_CHECK(refuse_fields(
      call.body,
      {"enable_rate_limit_audit_logging", "enable_rate_limit_response_headers"},
      "not supported: what was refused is counted in the audit log, and answers say nothing"));
  COFFER_TRY(auto exempt, formats::list_field(call.body, "rate_limit_exempt_paths"));
  if (!exempt) return no_content();
  COFFER_CHECK(RateQuotas(*call.view).set_exempt(*std::move(exempt)));
  return no_content();
}

}  // namespace

RouteTable sys_quota_routes() {
  using proof::EventType;
  constexpr std::string_view kOne = "quotas/rate-limit/{quota}";
  RouteTable t;
  t.push_back(
      guarded(Verb::list, "quotas/rate-limit", EventType::system_read, "sys.quotas.list", list));
  t.push_back(guarded(Verb::read, kOne, EventType::system_read, "sys.quotas.read", read));
  t.push_back(guarded(Verb::write, kOne, EventType::system_configured, "sys.quotas.write", write));
  t.push_back(
      guarded(Verb::remove, kOne, EventType::system_configured, "sys.quotas.delete", remove));
  t.push_back(
      guarded(Verb::read, "quotas/config", EventType::system_read, "sys.quotas.read", read_config));
  t.push_back(guarded(Verb::write,
                      "quotas/config",
                      EventType::system_configured,
                      "sys.quotas.write",
                      write_config));
  return t;
}

}  // namespace coffer::dialects::vault
