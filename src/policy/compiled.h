// CompiledPolicy: what evaluator.h keeps opaque. For the files of this folder.
#pragma once

#include "policy/evaluator.h"
#include "policy/iam_policy.h"
#include "policy/path_document.h"
#include "policy/vault_policy.h"

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace coffer::policy {

struct RootGrant {};

class CompiledPolicy {
 public:
  using Body = std::variant<RootGrant, VaultPolicy, PathDocument, IamPolicy>;

  CompiledPolicy(std::string name, std::uint64_t revision, Body body)
      : name_(std::move(name)), revision_(revision), body_(std::move(body)) {}

  [[nodiscard]] const std::string& name() const { return name_; }

  [[nodiscard]] std::uint64_t revision() const { return revision_; }

  [[nodiscard]] bool is_root() const { return std::holds_alternative<RootGrant>(body_); }

  // Null when it is of another language.
  [[nodiscard]] const VaultPolicy* vault() const { return std::get_if<VaultPolicy>(&body_); }

  [[nodiscard]] const PathDocument* document() const { return std::get_if<PathDocument>(&body_); }

  [[nodiscard]] const IamPolicy* iam() const { return std::get_if<IamPolicy>(&body_); }

 private:
  std::string name_;
  std::uint64_t revision_;
  Body body_;
};

}  // namespace coffer::policy
