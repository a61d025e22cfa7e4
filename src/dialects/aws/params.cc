#include "dialects/aws/params.h"

#include "base/encoding.h"
#include "base/time_text.h"
#include "dialects/aws/answers.h"

#include <charconv>
#include <cmath>

namespace coffer::dialects::aws {
namespace {

using formats::JsonKind;
using formats::JsonView;

// Years 1970 to 2200: what is stored as nanoseconds and what anybody means.
constexpr double kLastSecond = 7'258'118'400.0;

template <class T>
Result<std::optional<T>> member(const JsonView& body,
                                std::string_view name,
                                Result<T> (*read)(const JsonView&, std::string_view)) {
  const auto value = body.find_value(name);
  if (!value) return std::nullopt;
  COFFER_TRY(T out, read(*value, name));
  return std::optional<T>(std::move(out));
}

}  // namespace

std::unexpected<Error> wrong_kind(std::string_view at) {
  return aws::fail(Code::invalid_argument,
                   "SerializationException",
                   "The value at '" + std::string(at) + "' is not of the type that it must be");
}

Result<std::int64_t> integer_of(const JsonView& value, std::string_view at) {
  if (value.kind() == JsonKind::number) {
    auto read = value.integer();
    if (!read) return wrong_kind(at);
    return read;
  }
  if (value.kind() != JsonKind::string) return wrong_kind(at);
  COFFER_TRY(const std::string spelt, value.string());
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(spelt.data(), spelt.data() + spelt.size(), out);
  if (error != std::errc() || end != spelt.data() + spelt.size()) return wrong_kind(at);
  return out;
}

Result<bool> boolean_of(const JsonView& value, std::string_view at) {
  if (value.kind() == JsonKind::boolean) return value.boolean();
  if (value.kind() != JsonKind::string) return wrong_kind(at);
  COFFER_TRY(const std::string spelt, value.string());
  if (spelt == "true") return true;
  if (spelt == "false") return false;
  return wrong_kind(at);
}

Result<Timestamp> timestamp_of(const JsonView& value, std::string_view at) {
  if (value.kind() == JsonKind::string) {
    COFFER_TRY(const std::string spelt, value.string());
    auto read = parse_rfc3339(spelt);
    if (!read) return wrong_kind(at);
    return read;
  }
  if (value.kind() != JsonKind::number) return wrong_kind(at);
  double seconds = 0;
  const std::string_view raw = value.raw();
  const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), seconds);
  if (error != std::errc() || end != raw.data() + raw.size()) return wrong_kind(at);
  if (!(seconds >= 0) || seconds > kLastSecond) return wrong_kind(at);
  // A double of this size is exact to the microsecond, which is all that anybody sends.
  return Timestamp{std::llround(seconds * 1e6) * 1000};
}

Result<secure::SecureBytes> blob_of(const JsonView& value, std::string_view at) {
  if (value.kind() != JsonKind::string) return wrong_kind(at);
  COFFER_TRY(const secure::SecureText spelt, value.secret_string());
  secure::SecureBytes out(spelt.size() / 4 * 3 + 3);
  const auto size = base64_decode_to(spelt.text(), Base64::standard, out.mutable_view().data());
  if (!size) return wrong_kind(at);
  out.resize(*size);
  return out;
}

Result<std::optional<std::string>> text(const JsonView& body, std::string_view name) {
  return member<std::string>(
      body, name, [](const JsonView& value, std::string_view at) -> Result<std::string> {
        if (value.kind() != JsonKind::string) return wrong_kind(at);
        return value.string();
      });
}

Result<std::string> text_or_empty(const JsonView& body, std::string_view name) {
  COFFER_TRY(auto read, text(body, name));
  return std::move(read).value_or("");
}

Result<std::optional<secure::SecureText>> secret_text(const JsonView& body, std::string_view name) {
  return member<secure::SecureText>(
      body, name, [](const JsonView& value, std::string_view at) -> Result<secure::SecureText> {
        if (value.kind() != JsonKind::string) return wrong_kind(at);
        return value.secret_string();
      });
}

Result<std::optional<std::int64_t>> integer(const JsonView& body, std::string_view name) {
  return member<std::int64_t>(body, name, integer_of);
}

Result<std::optional<bool>> boolean(const JsonView& body, std::string_view name) {
  return member<bool>(body, name, boolean_of);
}

Result<bool> flag(const JsonView& body, std::string_view name, bool otherwise) {
  COFFER_TRY(const auto read, boolean(body, name));
  return read.value_or(otherwise);
}

Result<std::optional<Timestamp>> timestamp(const JsonView& body, std::string_view name) {
  return member<Timestamp>(body, name, timestamp_of);
}

Result<std::optional<secure::SecureBytes>> blob(const JsonView& body, std::string_view name) {
  return member<secure::SecureBytes>(body, name, blob_of);
}

Result<std::vector<std::string>> texts(const JsonView& body, std::string_view name) {
  std::vector<std::string> out;
  const auto value = body.find_value(name);
  if (!value) return out;
  if (value->kind() != JsonKind::array) return wrong_kind(name);
  for (const JsonView& element : value->elements()) {
    if (element.kind() != JsonKind::string) return wrong_kind(name);
    COFFER_TRY(out.emplace_back(), element.string());
  }
  return out;
}

Result<std::map<std::string, std::string>> text_map(const JsonView& body, std::string_view name) {
  std::map<std::string, std::string> out;
  const auto value = body.find_value(name);
  if (!value) return out;
  if (value->kind() != JsonKind::object) return wrong_kind(name);
  for (const auto& [key, entry] : value->members()) {
    if (entry.kind() != JsonKind::string) return wrong_kind(name);
    COFFER_TRY(out[key], entry.string());
  }
  return out;
}

std::vector<JsonView> items(const JsonView& body, std::string_view name) {
  const auto value = body.find_value(name);
  return value ? value->elements() : std::vector<JsonView>();
}

}  // namespace coffer::dialects::aws
