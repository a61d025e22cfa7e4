// ResourcePolicies: the policies of resources (a secret's, a shared parameter's), compiled.
//
// Found by what they are compiled from: the resource's name, the policy's revision and its text. So
// nothing has to be told when a policy changes, and a policy is never answered for another one.
// Whoever asks has read the text from its row. Bounded: kMost policies of kMostOctets together;
// when it is full, all are forgotten, which costs a compilation each. What does not compile is not
// kept. Thread-safe; one per unsealed server.
#pragma once

#include "policy/evaluator.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>

namespace coffer::domain {

class ResourcePolicies {
 public:
  static constexpr std::size_t kMost = 1024;
  static constexpr std::size_t kMostOctets = std::size_t{8} << 20;  // names and texts

  // Errors: those of compile_iam_policy().
  Result<policy::PolicyPtr> compiled(std::string_view resource,
                                     std::uint64_t revision,
                                     std::string_view text);

 private:
  using Key = std::tuple<std::string, std::uint64_t, std::string>;
  using KeyView = std::tuple<std::string_view, std::uint64_t, std::string_view>;

  struct Before {
    using is_transparent = void;

    bool operator()(const KeyView& a, const KeyView& b) const { return a < b; }
  };

  std::mutex mutex_;
  std::map<Key, policy::PolicyPtr, Before> compiled_;
  std::size_t octets_ = 0;
};

}  // namespace coffer::domain
