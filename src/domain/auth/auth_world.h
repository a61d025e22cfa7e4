// AuthWorld: a TestWorld with the fixed mounts, for the tests of this folder.
#pragma once

#include "domain/auth/authenticate.h"
#include "domain/auth/root_token.h"
#include "domain/auth/token_create.h"
#include "domain/auth/tokens.h"
#include "domain/realms/mounts.h"
#include "work/test_world.h"

#include <string>

namespace coffer::domain {

struct AuthWorld : work::TestWorld {
  AuthWorld() {
    work::View view = this->view();
    value(done(Mounts(view).install_defaults()));
    for (const Engine engine : {Engine::approle, Engine::userpass, Engine::cert}) {
      Mount mount;
      mount.path = std::string(to_text(engine)) + "/";
      mount.engine = engine;
      value(done(Mounts(view).add(MountKind::auth, mount)));
    }
    root = std::string(value(issue_root_token(view, "")).text());
    value(done(commit(view)));
  }

  static Result<bool> done(const Result<>& result) {
    if (!result) return std::unexpected(result.error());
    return true;
  }

  // A copy of the auth mount at `path`.
  Mount mount(std::string_view path) {
    work::View view = this->view();
    return *value(Mounts(view).resolve(MountKind::auth, path)).mount;
  }

  // Issues what `spec` says and commits.
  std::string issue(TokenSpec spec) {
    work::View view = this->view();
    std::string text(value(Tokens(view).issue(std::move(spec))).text.text());
    value(done(commit(view)));
    return text;
  }

  // auth/token/create in the name of `token`, without sudo unless said so.
  Result<std::string> create(std::string_view token, CreateRequest request, bool sudo = false) {
    work::View view = this->view();
    COFFER_TRY(const Principal principal, authenticate(view, token, "127.0.0.1"));
    const Creator creator{.principal = principal, .sudo = sudo, .path = "auth/token/create"};
    COFFER_TRY(IssuedToken issued, create_token(view, creator, std::move(request)));
    COFFER_CHECK(commit(view));
    return std::string(issued.text.text());
  }

  bool passes(std::string_view token, std::string_view ip = "127.0.0.1") {
    work::View view = this->view();
    return authenticate(view, token, ip).has_value();
  }

  // One request whose handler fails or succeeds.
  Result<> use(std::string_view token, bool handler_fails) {
    work::View view = this->view();
    COFFER_CHECK(authenticate(view, token, "127.0.0.1"));
    view.enter_handler();
    if (handler_fails) view.drop_handler_part();
    return commit(view);
  }

  void revoke(std::string_view token) {
    work::View view = this->view();
    const TokenPtr row = value(Tokens(view).by_token(token));
    value(done(Tokens(view).revoke(row->row)));
    value(done(commit(view)));
  }

  std::string root;
};

inline TokenSpec plain_spec(Duration ttl = std::chrono::hours(1)) {
  TokenSpec spec;
  spec.policies = {"default", "dev"};
  spec.display_name = "token";
  spec.path = "auth/token/create";
  spec.ttl = ttl;
  return spec;
}

}  // namespace coffer::domain
