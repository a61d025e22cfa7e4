#include "dialects/aws/answers.h"

#include <algorithm>
#include <array>

namespace coffer::dialects::aws {
namespace {

struct Spelling {
  std::string_view json;
  std::string_view query;
  int query_status;
};

// Where the two protocols have different words for one failure (reference aws-apis.md §5.9).
constexpr std::array kSpellings{
    Spelling{"ValidationException", "ValidationError", 400},
    Spelling{"AccessDeniedException", "AccessDenied", 403},
    Spelling{"ExpiredTokenException", "ExpiredToken", 403},  // of the session that signs
    Spelling{"ExpiredIdentityTokenException", "ExpiredTokenException", 400},
    Spelling{"IncompleteSignatureException", "IncompleteSignature", 400},
    Spelling{"InvalidSignatureException", "SignatureDoesNotMatch", 403},
    Spelling{"MissingAuthenticationTokenException", "MissingAuthenticationToken", 403},
    Spelling{"UnrecognizedClientException", "InvalidClientTokenId", 403},
    Spelling{"UnknownOperationException", "InvalidAction", 400},
    Spelling{"SerializationException", "MalformedInput", 400},
    Spelling{"ThrottlingException", "Throttling", 400},
    Spelling{"InternalFailure", "InternalFailure", 500},
    Spelling{"ServiceUnavailableException", "ServiceUnavailable", 503},
    Spelling{"IDPRejectedClaim", "IDPRejectedClaim", 403},
    Spelling{"RegionDisabledException", "RegionDisabledException", 403},
    Spelling{"NoSuchEntity", "NoSuchEntity", 404},
    Spelling{"EntityAlreadyExists", "EntityAlreadyExists", 409},
    Spelling{"DeleteConflict", "DeleteConflict", 409},
    Spelling{"LimitExceeded", "LimitExceeded", 409},
};

// The names that services have for what is not there.
std::string_view missing(Service service) {
  switch (service) {
    case Service::kms:
      return "NotFoundException";
    case Service::secrets_manager:
      return "ResourceNotFoundException";
    case Service::ssm:
      return "ParameterNotFound";
    case Service::sts:
    case Service::iam:
      return "NoSuchEntity";
  }
  return "NotFoundException";
}

std::string_view taken(Service service) {
  switch (service) {
    case Service::kms:
      return "AlreadyExistsException";
    case Service::secrets_manager:
      return "ResourceExistsException";
    case Service::ssm:
      return "ParameterAlreadyExists";
    case Service::sts:
    case Service::iam:
      return "EntityAlreadyExists";
  }
  return "AlreadyExistsException";
}

// What a shape refuses has the name of its own.
std::string_view wrong_argument(Service service) {
  return service == Service::secrets_manager ? "InvalidParameterException" : "ValidationException";
}

std::string_view wrong_state(Service service) {
  return service == Service::kms ? "KMSInvalidStateException" : "InvalidRequestException";
}

int json_status(Code code) {
  switch (code) {
    case Code::internal:
    case Code::corrupt:
      return 500;
    case Code::conflict:
    case Code::sealed:
    case Code::uninitialized:
    case Code::unavailable:
      return 503;
    case Code::invalid_argument:
    case Code::unauthenticated:
    case Code::permission_denied:
    case Code::not_found:
    case Code::already_exists:
    case Code::precondition_failed:
    case Code::too_large:
    case Code::exhausted:
    case Code::unsupported:
      return 400;
  }
  return 500;
}

void write_json_error(net::Response& response, std::string_view name, const Error& error) {
  response.content_type = kJsonType;
  response.headers.emplace_back("x-amzn-errortype", name);
  formats::JsonWriter w(response.body);
  w.begin_object();
  w.key("__type").string(name);
  // Both spellings: services differ, and clients read either.
  if (!error.message.empty()) {
    w.key("message").string(error.message);
    w.key("Message").string(error.message);
  }
  w.end_object();
}

void write_xml_error(net::Response& response,
                     Service service,
                     std::string_view name,
                     const Error& error,
                     std::string_view request_id) {
  response.content_type = kXmlType;
  formats::XmlWriter x(response.body);
  x.open("ErrorResponse", facts_of(service).xml_names);
  x.open("Error");
  x.element("Type", response.status >= 500 ? "Receiver" : "Sender");
  x.element("Code", name);
  x.element("Message", error.message);
  x.close("Error");
  x.element("RequestId", request_id);
  x.close("ErrorResponse");
}

void write_metadata(const gate::Call& call, formats::XmlWriter& x) {
  x.open("ResponseMetadata");
  x.element("RequestId", call.event.request_id);
  x.close("ResponseMetadata");
}

}  // namespace

std::unexpected<Error> fail(Code code, std::string_view name, std::string message) {
  return std::unexpected<Error>(Error{code, std::move(message), name});
}

gate::Reply json_answer(const std::function<void(formats::JsonWriter&)>& write) {
  gate::Reply reply;
  reply.content_type = kJsonType;
  formats::JsonWriter w(reply.body);
  w.begin_object();
  write(w);
  w.end_object();
  return reply;
}

gate::Reply empty_answer() {
  gate::Reply reply;
  reply.content_type = kJsonType;
  return reply;
}

gate::Reply xml_answer(const gate::Call& call,
                       Service service,
                       std::string_view operation,
                       const std::function<void(formats::XmlWriter&)>& write) {
  const std::string response = std::string(operation) + "Response";
  const std::string result = std::string(operation) + "Result";
  gate::Reply reply;
  reply.content_type = kXmlType;
  formats::XmlWriter x(reply.body);
  x.open(response, facts_of(service).xml_names);
  x.open(result);
  write(x);
  x.close(result);
  write_metadata(call, x);
  x.close(response);
  return reply;
}

gate::Reply xml_answer(const gate::Call& call, Service service, std::string_view operation) {
  const std::string response = std::string(operation) + "Response";
  gate::Reply reply;
  reply.content_type = kXmlType;
  formats::XmlWriter x(reply.body);
  x.open(response, facts_of(service).xml_names);
  write_metadata(call, x);
  x.close(response);
  return reply;
}

void write_time(formats::JsonWriter& w, Timestamp time) {
  constexpr std::int64_t kMilli = 1'000'000;
  const std::int64_t millis = time.ns / kMilli;
  std::string text = std::to_string(millis / 1000);
  if (const std::int64_t rest = millis % 1000; rest != 0) {
    std::string digits = std::to_string(1000 + rest);  // "1042" for 42
    text += "." + digits.substr(1);
  }
  w.raw(text);
}

std::string_view error_name(Service service, const Error& error) {
  if (!error.name.empty()) return error.name;
  switch (error.code) {
    case Code::invalid_argument:
      return wrong_argument(service);
    case Code::too_large:
      return service == Service::secrets_manager ? "LimitExceededException" : "ValidationException";
    case Code::unauthenticated:
      return "UnrecognizedClientException";
    case Code::permission_denied:
      return "AccessDeniedException";
    case Code::not_found:
      return missing(service);
    case Code::already_exists:
      return taken(service);
    case Code::precondition_failed:
      return wrong_state(service);
    case Code::exhausted:
      return "ThrottlingException";
    case Code::unsupported:
      return "UnknownOperationException";
    case Code::conflict:
    case Code::sealed:
    case Code::uninitialized:
    case Code::unavailable:
      return "ServiceUnavailableException";
    case Code::corrupt:
    case Code::internal:
      return "InternalFailure";
  }
  return "InternalFailure";
}

net::Response error_response(Service service, const Error& error, std::string_view request_id) {
  net::Response response;
  response.headers.emplace_back("x-amzn-requestid", request_id);
  const std::string_view name = error_name(service, error);
  response.status = json_status(error.code);
  if (facts_of(service).protocol == Protocol::json) {
    write_json_error(response, name, error);
    return response;
  }
  const auto spelling = std::ranges::find_if(
      kSpellings, [name](const Spelling& one) { return one.json == name || one.query == name; });
  if (spelling != kSpellings.end()) response.status = spelling->query_status;
  write_xml_error(
      response, service, spelling == kSpellings.end() ? name : spelling->query, error, request_id);
  return response;
}

}  // namespace coffer::dialects::aws
