#include "apps/cli/session.h"

#include "base/enum_table.h"

#include <utility>

namespace coffer::cli {
namespace {

constexpr EnumTable<Format, 3> kFormats{{{
    {Format::table, "table"},
    {Format::json, "json"},
    {Format::yaml, "yaml"},
}}};

}  // namespace

Result<Session> Session::make(const World& world, const Arguments& arguments) {
  Session session(world);
  session.settings_ = client::settings_from(world.environment);
  if (arguments.has("address")) session.settings_.address = arguments.text("address");
  if (arguments.has("ca-cert")) session.settings_.ca_file = arguments.text("ca-cert");
  if (arguments.has("namespace")) session.settings_.name_space = arguments.text("namespace");
  if (arguments.flag("tls-skip-verify")) session.settings_.skip_verify = true;
  session.field_ = arguments.text("field");
  session.wrap_ttl_ = arguments.text("wrap-ttl");
  std::string name = arguments.text("format");
  if (name.empty()) name = client::variable(world.environment, "FORMAT");
  if (name.empty()) return session;
  const auto format = kFormats.parse(name);
  if (!format) return fail(Code::invalid_argument, "--format is table, json or yaml");
  session.format_ = *format;
  return session;
}

Result<client::Identity> Session::identity() const {
  client::Identity identity;
  if (token_) {
    identity.token = token_->clone();
  } else {
    COFFER_TRY(identity.token, client::find_token(world_.environment));
  }
  identity.name_space = settings_.name_space;
  return identity;
}

Result<std::unique_ptr<client::Api>> Session::connect_another() const {
  COFFER_TRY(client::Identity identity, this->identity());
  return connect(std::move(identity));
}

Result<std::unique_ptr<client::Api>> Session::connect(client::Identity identity) const {
  net::ClientOptions options;
  options.address = settings_.address;
  while (options.address.ends_with('/')) options.address.pop_back();
  options.ca_file = settings_.ca_file;
  options.tls_skip_verify = settings_.skip_verify;
  options.certificate_file = settings_.certificate_file;
  options.key_file = settings_.key_file;
  COFFER_TRY(auto transport, world_.connect(options));
  return std::make_unique<client::Api>(std::move(transport), std::move(identity));
}

Result<client::Api*> Session::api() {
  if (!api_) {
    COFFER_TRY(client::Identity identity, this->identity());
    identity.wrap_ttl = wrap_ttl_;
    COFFER_TRY(api_, connect(std::move(identity)));
  }
  return api_.get();
}

void Session::use_token(secure::SecureText token) {
  token_ = std::move(token);
  api_.reset();
}

Result<client::Answer> Session::prepare(std::string_view path, const client::Query& query) {
  COFFER_TRY(client::Api * api, this->api());
  return api->prepare(path, query);
}

Result<client::Answer> Session::read(std::string_view path, const client::Query& query) {
  COFFER_TRY(client::Api * api, this->api());
  return api->read(path, query);
}

Result<client::Answer> Session::list(std::string_view path) {
  COFFER_TRY(client::Api * api, this->api());
  return api->list(path);
}

Result<client::Answer> Session::write(std::string_view path, secure::SecureText body) {
  COFFER_TRY(client::Api * api, this->api());
  return api->write(path, std::move(body));
}

Result<client::Answer> Session::post(std::string_view path, secure::SecureText body) {
  COFFER_TRY(client::Api * api, this->api());
  return api->post(path, std::move(body));
}

Result<client::Answer> Session::remove(std::string_view path, const client::Query& query) {
  COFFER_TRY(client::Api * api, this->api());
  return api->remove(path, query);
}

}  // namespace coffer::cli
