#include "domain/identity/aws_policies.h"

#include "domain/identity/aws_managed.h"
#include "domain/identity/aws_names.h"

namespace coffer::domain {

std::string label_of(const PolicyRow& row, std::string_view name) {
  const auto at = row.labels->find(std::string(name));
  return at == row.labels->end() ? std::string() : at->second;
}

std::string managed_policy_row_name(std::string_view name) {
  return std::string(kIamPolicyPrefix) + aws_name_key(name);
}

Result<policy::PolicyPtr> load_managed_policy(work::View& view,
                                              PolicyCache& cache,
                                              std::string_view arn) {
  if (const AwsManagedPolicy* built_in = find_aws_managed(arn)) {
    return cache.compiled_iam({std::string(arn), 1},
                              std::string(built_in->name),
                              policy::IamKind::managed,
                              built_in->text);
  }
  const auto parts = parse_iam_arn(arn);
  if (!parts || parts->kind != "policy") return policy::PolicyPtr();
  COFFER_TRY(const auto row, view.find<PolicyRow>(managed_policy_row_name(parts->name)));
  if (!row || *row->row.language != static_cast<std::uint8_t>(policy::Language::iam)) {
    return policy::PolicyPtr();
  }
  // One spelling, so that whoever counts what is attached finds it.
  if (label_of(row->row, kLabelName) != parts->name ||
      label_of(row->row, kLabelPath) != parts->path) {
    return policy::PolicyPtr();
  }
  return cache.compiled(row->row);
}

Result<std::vector<policy::PolicyPtr>> load_aws_policies(work::View& view,
                                                         PolicyCache& cache,
                                                         const AwsGrants& grants,
                                                         std::string_view owner,
                                                         std::string_view shown) {
  std::vector<policy::PolicyPtr> loaded;
  for (const std::string& arn : grants.attached) {
    COFFER_TRY(loaded.emplace_back(), load_managed_policy(view, cache, arn));
  }
  for (const auto& [name, embedded] : grants.embedded) {
    const std::string suffix = "/" + name;
    COFFER_TRY(loaded.emplace_back(),
               cache.compiled_iam({std::string(owner) + suffix, embedded.version},
                                  std::string(shown) + suffix,
                                  policy::IamKind::embedded,
                                  embedded.text));
  }
  return loaded;
}

}  // namespace coffer::domain
