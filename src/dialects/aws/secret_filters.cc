#include "dialects/aws/secret_filters.h"

#include "base/enum_table.h"
#include "dialects/aws/params.h"

#include <algorithm>

namespace coffer::dialects::aws {
namespace {

constexpr EnumTable<FilterKey, 7> kKeys{{{
    {FilterKey::description, "description"},
    {FilterKey::name, "name"},
    {FilterKey::tag_key, "tag-key"},
    {FilterKey::tag_value, "tag-value"},
    {FilterKey::primary_region, "primary-region"},
    {FilterKey::owning_service, "owning-service"},
    {FilterKey::all, "all"},
}}};

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

bool is_word_part(char c) {
  return is_upper(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

char lower(char c) {
  return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

// The words of a text, in lower case.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!is_word_part(c)) {
      end_word();
      continue;
    }
    const bool after_upper = i > 0 && is_upper(text[i - 1]);
    const bool before_lower = i + 1 < text.size() && is_lower(text[i + 1]);
    if (is_upper(c) && (!after_upper || before_lower)) end_word();
    word.push_back(lower(c));
  }
  end_word();
  return words;
}

bool fits_words(std::string_view value, std::string_view text) {
  const std::vector<std::string> sought = words_of(value);
  const std::vector<std::string> words = words_of(text);
  return !sought.empty() && std::ranges::all_of(sought, [&](const std::string& one) {
    return std::ranges::any_of(words,
                               [&](const std::string& word) { return word.starts_with(one); });
  });
}

using Fit = bool (*)(std::string_view value, std::string_view text);

bool fits_start(std::string_view value, std::string_view text) {
  return text.starts_with(value);
}

std::vector<std::string_view> texts_of(FilterKey key, const domain::SecretRow& secret) {
  std::vector<std::string_view> texts;
  const bool all = key == FilterKey::all;
  if (all || key == FilterKey::name) texts.push_back(*secret.path);
  if (!*secret.extra) {
    if (key == FilterKey::primary_region || key == FilterKey::owning_service) texts.push_back("");
    if (key == FilterKey::description) texts.push_back("");
    return texts;
  }
  const domain::SecretExtra& extra = **secret.extra;
  if (all || key == FilterKey::description) texts.push_back(extra.description);
  for (const domain::SecretTag& tag : extra.tags) {
    if (all || key == FilterKey::tag_key) texts.push_back(tag.key);
    if (all || key == FilterKey::tag_value) texts.push_back(tag.value);
  }
  if (key == FilterKey::primary_region) {
    texts.push_back(extra.replicas.empty() ? std::string_view() : std::string_view(extra.region));
  }
  if (key == FilterKey::owning_service) texts.push_back(extra.owning_service);
  return texts;
}

bool fits_one(const SecretFilter& filter, const domain::SecretRow& secret) {
  const bool by_words = filter.key == FilterKey::description || filter.key == FilterKey::all;
  const Fit fit = by_words ? fits_words : fits_start;
  const auto texts = texts_of(filter.key, secret);
  return std::ranges::any_of(filter.values, [&](std::string_view value) {
    const bool negated = value.starts_with('!');
    if (negated) value.remove_prefix(1);
    const bool found =
        std::ranges::any_of(texts, [&](std::string_view text) { return fit(value, text); });
    return found != negated;
  });
}

}  // namespace

Result<std::vector<SecretFilter>> parse_filters(const formats::JsonView& body) {
  std::vector<SecretFilter> filters;
  for (const formats::JsonView& item : items(body, "Filters")) {
    COFFER_TRY(const auto key, text(item, "Key"));
    if (!key) return fail(Code::invalid_argument, "Invalid filter key");
    const auto known = kKeys.parse(*key);
    if (!known) return fail(Code::invalid_argument, "Invalid filter key");
    SecretFilter filter{.key = *known, .values = {}};
    COFFER_TRY(filter.values, texts(item, "Values"));
    if (filter.values.empty()) {
      return fail(Code::invalid_argument, "Invalid filter values for key: " + *key);
    }
    filters.push_back(std::move(filter));
  }
  return filters;
}

bool fits(const std::vector<SecretFilter>& filters, const domain::SecretRow& secret) {
  return std::ranges::all_of(filters,
                             [&](const SecretFilter& filter) { return fits_one(filter, secret); });
}

}  // namespace coffer::dialects::aws
