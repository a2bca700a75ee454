#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "daemon/core/canonical.hpp"
#include "daemon/core/reconcile.hpp"
#include "daemon/hubspot/replies.hpp"

namespace hubsync {

namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

class WriteMatcher {
 public:
  WriteMatcher(const TypeRules& rules, const std::vector<const WriteInput*>& inputs, const HttpReply& reply)
      : rules_(rules), inputs_(inputs), reply_(reply), replies_(inputs.size()) {}

  std::vector<Reply<RemoteRecord>> match(RecordPage page) {
    std::vector<RemoteRecord> unnamed;
    for (RemoteRecord& record : page.records) {
      const std::size_t index = index_of(record);
      if (index == inputs_.size() && record.trace_id.empty()) {
        unnamed.push_back(std::move(record));
      } else {
        settle(index, std::move(record));
      }
    }
    settle_by_values(std::move(unnamed), page.errors.empty());
    std::vector<ItemError> nameless;
    const auto correlation = reply_.headers.find("x-hubspot-correlation-id");
    for (ItemError& error : page.errors) {
      // The errors of a 207 have none of their own; HubSpot's support finds the call by that of the answer.
      if (error.failure.correlation_id.empty() && correlation != reply_.headers.end()) {
        error.failure.correlation_id = correlation->second;
      }
      if (!settle_named(error)) {
        nameless.push_back(std::move(error));
      }
    }
    if (nameless.size() == 1 && open() == 1) {
      settle(
          find([](const WriteInput&) { return true; }), std::unexpected(std::move(nameless.front().failure))
      );
      nameless.clear();
    }
    return finish(nameless);
  }

 private:
  [[nodiscard]] std::size_t open() const {
    return static_cast<std::size_t>(std::ranges::count_if(replies_, [](const auto& reply) { return !reply; })
    );
  }

  void settle(std::size_t index, Reply<RemoteRecord> reply) {
    if (index < replies_.size() && !replies_[index]) {
      replies_[index].emplace(std::move(reply));
    }
  }

  template <class Matches>
  std::size_t find(Matches matches) const {
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (!replies_[i] && matches(*inputs_[i])) {
        return i;
      }
    }
    return inputs_.size();
  }

  [[nodiscard]] std::size_t index_of(const RemoteRecord& record) const {
    if (!record.trace_id.empty()) {
      return find([&](const WriteInput& input) { return input.trace_id == record.trace_id; });
    }
    std::size_t index = find([&](const WriteInput& input) { return input.id == record.id; });
    if (index == inputs_.size() && record.uid) {
      index = find([&](const WriteInput& input) { return input.uid == *record.uid; });
    }
    if (index == inputs_.size() && rules_.key_is_unique) {
      const std::string key = canonical_key(rules_, value_or_empty(record.values, rules_.key));
      index = find([&](const WriteInput& input) {
        return !key.empty() && canonical_key(rules_, value_or_empty(input.fields, rules_.key)) == key;
      });
    }
    return index;
  }

  /// Where trace ids are not echoed, and neither an id nor a key tells, the values do: of inputs that are the
  /// same in all they hold, it does not matter which one a record is for. The only record is for the only
  /// input.
  void settle_by_values(std::vector<RemoteRecord> unnamed, bool none_failed) {
    const bool alone = unnamed.size() == 1 && open() == 1 && none_failed;
    for (RemoteRecord& record : unnamed) {
      const std::size_t index = find([&](const WriteInput& input) {
        return !input.id && (alone || shows_created(record, rules_, input.fields));
      });
      settle(index, std::move(record));
    }
  }

  /// Gives the error to every input it names; false when it names none.
  bool settle_named(const ItemError& error) {
    bool named = false;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (names(error, *inputs_[i])) {
        settle(i, std::unexpected(error.failure));
        named = true;
      }
    }
    return named;
  }

  static bool names(const ItemError& error, const WriteInput& input) {
    if (error.context.contains("objectWriteTraceId")) {
      return error.names("objectWriteTraceId", input.trace_id);
    }
    const std::string id = input.id ? to_string(*input.id) : input.uid;
    return !id.empty() && (error.names("ids", id) || error.names("id", id));
  }

  std::vector<Reply<RemoteRecord>> finish(const std::vector<ItemError>& nameless) {
    std::vector<Reply<RemoteRecord>> result;
    result.reserve(replies_.size());
    for (auto& reply : replies_) {
      if (reply) {
        result.push_back(std::move(*reply));
        continue;
      }
      CallFailure failure =
          failure_of_shape(reply_, Effect::write, "it names this input neither as done nor as failed");
      if (!nameless.empty()) {
        failure.category = nameless.front().failure.category;
        failure.message = nameless.front().failure.message;
      }
      result.emplace_back(std::unexpected(std::move(failure)));
    }
    return result;
  }

  const TypeRules& rules_;
  const std::vector<const WriteInput*>& inputs_;
  const HttpReply& reply_;
  std::vector<std::optional<Reply<RemoteRecord>>> replies_;
};

}  // namespace

std::vector<std::string> missing_keys(const std::vector<std::string>& asked, const RecordPage& page) {
  if (asked.size() == 1 && (page.records.size() == 1 || page.bad.size() == 1)) {
    return {};
  }
  std::set<std::string, std::less<>> answered;
  for (std::size_t i = 0; i < page.records.size(); ++i) {
    answered.insert(page.keys[i].empty() ? to_string(page.records[i].id) : lower(page.keys[i]));
    for (const HubspotId former : page.records[i].former_ids) {
      answered.insert(to_string(former));
    }
  }
  for (const BadRecord& bad : page.bad) {
    answered.insert(bad.id);
  }
  std::vector<std::string> result;
  for (const std::string& key : asked) {
    if (!answered.contains(lower(key))) {
      result.push_back(key);
    }
  }
  return result;
}

std::vector<Reply<RemoteRecord>> match_writes(
    const TypeRules& rules,
    const std::vector<const WriteInput*>& inputs,
    RecordPage page,
    const HttpReply& reply
) {
  return WriteMatcher(rules, inputs, reply).match(std::move(page));
}

}  // namespace hubsync
