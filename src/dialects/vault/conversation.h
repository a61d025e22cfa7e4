// Conversation: what clients of Vault rely on, step by step, for tests.
//
// Each step is routed, answers with its status, and has the members that clients read. Each step
// that is not open is refused without a token first.
#pragma once

#include "dialects/vault/test_gate.h"

#include <gtest/gtest.h>

#include <map>
#include <span>

namespace coffer::dialects::vault {

enum class Shape : std::uint8_t {
  none,       // no body
  enveloped,  // request_id, lease_id, …, data
  both,       // enveloped, and the members of data are at the top as well
  bare,       // members at the top only
  errors,     // {"errors": […]}
};

enum class Who : std::uint8_t { root, anybody };

// Words that begin with '$' in path and body stand for what an earlier step kept.
struct Step {
  const char* method;
  const char* path;  // below /v1/
  const char* body;
  int status;
  Shape shape;
  const char* members = "";  // "data.keys auth.client_token": must be there
  const char* keep = "";     // "token=auth.client_token": for later steps
  Who who = Who::root;
};

class Conversation {
 public:
  void hold(std::span<const Step> steps) {
    for (const Step& step : steps) take(step);
  }

  TestGate gate;

 private:
  void take(const Step& step) {
    const std::string path = "/v1/" + filled(step.path);
    const std::string body = filled(step.body);
    SCOPED_TRACE(std::string(step.method) + " " + path + " " + body);
    std::vector<std::pair<std::string, std::string>> headers;
    if (std::string_view(step.method) == "PATCH") {
      headers.emplace_back("content-type", "application/merge-patch+json");
    }
    if (step.who == Who::root && step.status != 400) {
      EXPECT_EQ(gate.call(step.method, path, body, "", headers).status, 403) << "without a token";
    }
    const std::string token = step.who == Who::root ? gate.root() : "";
    const TestAnswer answer = gate.call(step.method, path, body, token, headers);
    ASSERT_EQ(answer.status, step.status) << answer.body;
    check_shape(answer, step.shape);
    for (const std::string& member : words(step.members)) {
      EXPECT_NE(at(answer, member), "") << member << " of " << answer.body;
    }
    for (const std::string& kept : words(step.keep)) {
      const std::size_t equals = kept.find('=');
      kept_["$" + kept.substr(0, equals)] = at(answer, kept.substr(equals + 1));
    }
  }

  static void check_shape(const TestAnswer& answer, Shape shape) {
    if (shape == Shape::none) {
      EXPECT_EQ(answer.body, "");
      return;
    }
    EXPECT_EQ(answer.content_type, "application/json");
    EXPECT_EQ(answer.text("errors") != "", shape == Shape::errors) << answer.body;
    const bool enveloped = shape == Shape::enveloped || shape == Shape::both;
    for (const char* member : {"request_id",
                               "lease_id",
                               "renewable",
                               "lease_duration",
                               "data",
                               "wrap_info",
                               "warnings",
                               "auth"}) {
      const auto parsed = formats::JsonView::parse(answer.body);
      ASSERT_TRUE(parsed);
      EXPECT_EQ(parsed->find(member).has_value(), enveloped) << member << " of " << answer.body;
    }
    if (shape != Shape::both) return;
    const auto parsed = formats::JsonView::parse(answer.body);
    for (const auto& [name, value] : parsed->find("data")->members()) {
      const auto top = parsed->find(name);
      ASSERT_TRUE(top) << name;
      EXPECT_EQ(top->raw(), value.raw()) << name;
    }
  }

  // "" when it is not there; an empty string that is there is "\"\"".
  static std::string at(const TestAnswer& answer, std::string_view path) {
    const auto parsed = formats::JsonView::parse(answer.body);
    std::optional<formats::JsonView> here =
        parsed ? std::optional(*parsed) : std::optional<formats::JsonView>();
    while (here && !path.empty()) {
      const std::size_t dot = path.find('.');
      here = here->find(path.substr(0, dot));
      path = dot == std::string_view::npos ? "" : path.substr(dot + 1);
    }
    if (!here) return "";
    const std::string text =
        here->kind() == formats::JsonKind::string ? *here->string() : std::string(here->raw());
    return text.empty() ? "\"\"" : text;
  }

  static std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(' '), text.size());
      if (end > 0) out.emplace_back(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
  }

  [[nodiscard]] std::string filled(std::string text) const {
    for (const auto& [name, value] : kept_) {
      for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name)) {
        text.replace(at, name.size(), value);
      }
    }
    return text;
  }

  std::map<std::string, std::string> kept_;
};

}  // namespace coffer::dialects::vault
