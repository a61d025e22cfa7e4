// Parameter Store: LabelParameterVersion, UnlabelParameterVersion.
#include "dialects/aws/params.h"
#include "dialects/aws/ssm_parts.h"
#include "dialects/aws/ssm_shapes.h"

namespace coffer::dialects::aws {
namespace {

using gate::Reply;
using policy::Capability;
using proof::EventType;

// More than ten labels are refused by their own error, not by the model's.
constexpr Member kLabel{};
constexpr Member kLabels{
    .name = "Labels", .kind = Kind::list, .required = true, .min = 1, .max = 100, .item = &kLabel};
constexpr Member kLabelMembers[] = {
    parameter_name_member(), {.name = "ParameterVersion", .kind = Kind::integer}, kLabels};
constexpr Shape kLabelShape{kLabelMembers};
constexpr Member kUnlabelMembers[] = {
    parameter_name_member(),
    {.name = "ParameterVersion", .kind = Kind::integer, .required = true},
    kLabels};
constexpr Shape kUnlabelShape{kUnlabelMembers};

constexpr SsmRule kLabelRule{
    "secret.metadata.write", "LabelParameterVersion", Capability::update, "metadata/"};
constexpr SsmRule kUnlabelRule{
    "secret.metadata.write", "UnlabelParameterVersion", Capability::update, "metadata/"};

struct AskedLabels {
  std::string name;
  std::uint64_t version = 0;
  std::vector<std::string> labels;
};

Result<AskedLabels> asked_labels(const Ssm& ssm) {
  COFFER_TRY(const NamedParameter named, ssm.named_plainly());
  if (!named.parameter) return domain::parameter_not_found(named.text);
  AskedLabels asked{named.reference.name, 0, {}};
  COFFER_TRY(const auto version, integer(ssm.call.body, "ParameterVersion"));
  if (version) {
    // No parameter has a version 0 or less: the largest number names none either.
    asked.version = *version > 0 ? static_cast<std::uint64_t>(*version) : UINT64_MAX;
  }
  COFFER_TRY(asked.labels, texts(ssm.call.body, "Labels"));
  return asked;
}

Result<Reply> label_version(Ssm& ssm) {
  COFFER_TRY(const AskedLabels asked, asked_labels(ssm));
  COFFER_TRY(const domain::LabelOutcome outcome,
             ssm.parameters().label(asked.name, asked.version, asked.labels));
  return json_answer([&](formats::JsonWriter& w) {
    w.key("InvalidLabels").strings(outcome.invalid);
    w.key("ParameterVersion").integer(static_cast<std::int64_t>(outcome.version));
  });
}

Result<Reply> unlabel_version(Ssm& ssm) {
  COFFER_TRY(const AskedLabels asked, asked_labels(ssm));
  COFFER_TRY(const domain::LabelOutcome outcome,
             ssm.parameters().unlabel(asked.name, asked.version, asked.labels));
  return json_answer([&](formats::JsonWriter& w) {
    w.key("RemovedLabels").strings(outcome.changed);
    w.key("InvalidLabels").strings(outcome.invalid);
  });
}

}  // namespace

void add_ssm_label_operations(OperationTable& table, const Services& services) {
  table.push_back(ssm_operation(services,
                                "LabelParameterVersion",
                                kLabelShape,
                                EventType::secret_metadata_changed,
                                on_parameter(kLabelRule),
                                label_version));
  table.push_back(ssm_operation(services,
                                "UnlabelParameterVersion",
                                kUnlabelShape,
                                EventType::secret_metadata_changed,
                                on_parameter(kUnlabelRule),
                                unlabel_version));
}

}  // namespace coffer::dialects::aws
