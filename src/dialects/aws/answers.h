// Answers of the AWS APIs, and their failures.
//
//   return json_answer([&](formats::JsonWriter& w) { w.key("KeyId").string(arn); });
//   return xml_answer(call, Service::sts, "AssumeRole", [&](formats::XmlWriter& x) {…});
//   return aws::fail(Code::not_found, "NotFoundException", "Key '" + arn + "' does not exist");
//
// An error without a name of its own gets the one that its service has for the code
// (error_name()). JSON: {"__type":"Name","message":"…"} with x-amzn-errortype, status 400, or 500
// and 503 where the server is to blame. Query protocol: <ErrorResponse>, statuses as STS's model
// has them. A message that is empty is left out: some of AWS's errors have none, and clients
// compare. Pure functions.
// Reference: aws-apis.md §0 and §5.9, aws-errors-observed.md.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "dialects/aws/operation.h"
#include "formats/json.h"
#include "formats/xml_writer.h"
#include "gate/operation.h"

#include <functional>
#include <string>
#include <string_view>

namespace coffer::dialects::aws {

inline constexpr std::string_view kJsonType = "application/x-amz-json-1.1";
inline constexpr std::string_view kXmlType = "text/xml";

// `name`: a literal, as the JSON services spell it.
[[nodiscard]] std::unexpected<Error> fail(Code code, std::string_view name, std::string message);

// One object, written by `write`.
gate::Reply json_answer(const std::function<void(formats::JsonWriter&)>& write);
// What an operation without an output shape answers.
gate::Reply empty_answer();
// <NameResponse xmlns=…><NameResult>…</NameResult><ResponseMetadata>…</NameResponse>.
gate::Reply xml_answer(const gate::Call& call,
                       Service service,
                       std::string_view operation,
                       const std::function<void(formats::XmlWriter&)>& write);
// The same without a <NameResult>.
gate::Reply xml_answer(const gate::Call& call, Service service, std::string_view operation);

// A timestamp as a JSON number of seconds with milliseconds.
void write_time(formats::JsonWriter& w, Timestamp time);

std::string_view error_name(Service service, const Error& error);
net::Response error_response(Service service, const Error& error, std::string_view request_id);

}  // namespace coffer::dialects::aws
