#include "daemon/core/plan.hpp"

#include <algorithm>

#include "daemon/core/canonical.hpp"

namespace hubsync {
namespace {

/// One mapped field whose value both sides are known to have.
struct FieldView {
  const FieldRule& rule;
  const std::string& local;
  const std::string& remote;
  const BasePair* base;  ///< Null before the first agreement.

  [[nodiscard]] bool equal() const { return same_value(local, remote, rule.kind); }
  [[nodiscard]] bool local_changed() const {
    return base != nullptr && !same_value(local, base->local, rule.kind);
  }
  [[nodiscard]] bool remote_changed() const {
    return base != nullptr && !same_value(remote, base->remote, rule.kind);
  }
  /// One side alone has this value and the field was never agreed on: after a create only what was sent has a
  /// base.
  [[nodiscard]] bool unagreed(const std::string& value) const {
    return base == nullptr && !value.empty() && !equal();
  }
  [[nodiscard]] bool same_form_as_base() const {
    return base != nullptr && local == base->local && remote == base->remote;
  }
};

/// The fields that can be compared now: mapped, seen on HubSpot, and pointing to something known if they
/// point.
std::vector<FieldView> comparable_fields(const Record& record, const TypeRules& rules) {
  std::vector<FieldView> views;
  views.reserve(rules.fields.size());
  for (const FieldRule& rule : rules.fields) {
    const auto remote = record.remote.find(rule.name);
    const bool unknown = remote == record.remote.end() ||
                         (rule.kind == ValueKind::reference && parse_unresolved_reference(remote->second));
    if (unknown) {
      continue;
    }
    const auto base = record.base.find(rule.name);
    views.push_back(
        {rule,
         value_or_empty(record.local, rule.name),
         remote->second,
         base == record.base.end() ? nullptr : &base->second}
    );
  }
  return views;
}

class Planner {
 public:
  Planner(
      const Record& record,
      const TypeRules& rules,
      Detection detection,
      Duration margin,
      const FieldTimes& times
  )
      : record_(record), rules_(rules), detection_(detection), margin_(margin), remote_times_(times) {}

  Plan run() {
    plan_.action = decide_action();
    switch (plan_.action) {
      case RecordAction::create_local:
      case RecordAction::merge:
        merge_fields();
        break;
      case RecordAction::create_remote:
        push_everything();
        break;
      case RecordAction::none:
      case RecordAction::delete_local:
      case RecordAction::delete_remote:
      case RecordAction::agree_deleted:
      case RecordAction::deletion_conflict:
        break;
    }
    return std::move(plan_);
  }

 private:
  /// The three-way rule for presence. A side that lost sight of the record (absent) proves nothing (I9).
  [[nodiscard]] RecordAction decide_action() const {
    using enum Presence;
    const Presence local = record_.local_presence;
    const Presence remote = record_.remote_presence;
    const Presence base = record_.base_presence;
    if (local == live && remote == live) {
      return RecordAction::merge;
    }
    if (local != live && remote != live) {
      return local == deleted && base != deleted && (remote == deleted || base == absent)
                 ? RecordAction::agree_deleted
                 : RecordAction::none;
    }
    if (local == live) {
      return decide_without_remote(remote, base);
    }
    if (local == absent || base == deleted) {
      return RecordAction::create_local;  // New in HubSpot, or restored there.
    }
    return base == live && !edited_remotely() ? RecordAction::delete_remote : RecordAction::deletion_conflict;
  }

  [[nodiscard]] RecordAction decide_without_remote(Presence remote, Presence base) const {
    if (remote == Presence::absent) {
      return base == Presence::live ? RecordAction::none : RecordAction::create_remote;
    }
    if (base == Presence::deleted) {
      return RecordAction::create_remote;  // Restored here.
    }
    return base == Presence::live && !edited_locally() ? RecordAction::delete_local
                                                       : RecordAction::deletion_conflict;
  }

  [[nodiscard]] bool edited_locally() const {
    const bool changed = std::ranges::any_of(rules_.fields, [this](const FieldRule& rule) {
      const auto base = record_.base.find(rule.name);
      if (rule.direction == Direction::pull) {
        return false;
      }
      return base == record_.base.end()
                 ? is_unseen_edit(rule)
                 : !same_value(value_or_empty(record_.local, rule.name), base->second.local, rule.kind);
    });
    return changed || std::ranges::any_of(comparable_fields(record_, rules_), [](const FieldView& view) {
             return view.rule.direction != Direction::pull && view.unagreed(view.local);
           });
  }

  /// A value given here for a field whose value in HubSpot was never shown.
  [[nodiscard]] bool is_unseen_edit(const FieldRule& rule) const {
    return !record_.remote.contains(rule.name) && record_.edited.contains(rule.name) &&
           !value_or_empty(record_.local, rule.name).empty();
  }

  [[nodiscard]] bool edited_remotely() const {
    return std::ranges::any_of(comparable_fields(record_, rules_), [](const FieldView& view) {
      return view.rule.direction != Direction::push && (view.remote_changed() || view.unagreed(view.remote));
    });
  }

  void push_everything() {
    for (const FieldRule& rule : rules_.fields) {
      const std::string& value = value_or_empty(record_.local, rule.name);
      if (rule.direction != Direction::pull && !value.empty()) {
        plan_.push[rule.name] = value;
      }
    }
  }

  void merge_fields() {
    const std::vector<FieldView> views = comparable_fields(record_, rules_);
    const bool strict = detection_ == Detection::record && edited_on_both_sides(views);
    for (const FieldView& view : views) {
      if (const std::string* const lost = lost_value(record_, view.rule)) {
        plan_.conflicts.push_back(dispute_of(view));
        plan_.conflicts.back().remote = *lost;
      } else if (view.equal()) {
        agree_if_new(view);
      } else if (view.base == nullptr) {
        match_first_time(view);
      } else {
        merge_field(view, strict);
      }
    }
    if (strict) {
      hold_together(views);
    }
    // Sent only after the record was read again, which shows the value; where it does not, HubSpot will say
    // so.
    for (const FieldRule& rule : rules_.fields) {
      if (rule.direction != Direction::pull && is_unseen_edit(rule)) {
        plan_.push[rule.name] = record_.local.at(rule.name);
      }
    }
  }

  /// What travels one way only is nobody's to decide, and settled at once.
  [[nodiscard]] static bool edited_on_both_sides(const std::vector<FieldView>& views) {
    const auto edited = [&views](bool (FieldView::*changed)() const) {
      return std::ranges::any_of(views, [changed](const FieldView& view) {
        return view.rule.direction == Direction::both && (view.*changed)();
      });
    };
    return edited(&FieldView::local_changed) && edited(&FieldView::remote_changed);
  }

  /// A record that is a conflict as a whole waits as a whole: were its other fields settled by their rules,
  /// one side alone would be left edited, and nobody asked any more.
  void hold_together(const std::vector<FieldView>& views) {
    if (plan_.conflicts.empty()) {
      return;
    }
    for (const FieldView& view : views) {
      const std::string& field = view.rule.name;
      const bool agreed_once = view.rule.direction == Direction::both && view.base != nullptr;
      if (agreed_once && plan_.push.erase(field) + plan_.pull.erase(field) > 0) {
        std::erase_if(plan_.decided, [&field](const auto& decided) {
          return decided.dispute.field == field;
        });
        plan_.conflicts.push_back(dispute_of(view));
      }
    }
  }

  /// Not equal, never agreed on: an empty side is filled; nothing is ever cleared.
  void match_first_time(const FieldView& view) {
    const bool local_leads = view.rule.direction == Direction::push;
    const bool remote_leads = view.rule.direction == Direction::pull;
    if ((remote_leads && view.remote.empty()) || (local_leads && view.local.empty())) {
      agree_if_new(view);
    } else if (remote_leads || (!local_leads && view.local.empty())) {
      take_remote(view, !view.local.empty());
    } else if (local_leads || view.remote.empty()) {
      take_local(view, !view.remote.empty());
    } else {
      dispute(view);
    }
  }

  /// Not equal, but agreed on once.
  void merge_field(const FieldView& view, bool strict) {
    const bool local_changed = view.local_changed();
    const bool remote_changed = view.remote_changed();
    if (!local_changed && !remote_changed) {
      agree_if_new(view);
    } else if (view.rule.direction == Direction::pull) {
      leads(view.remote, remote_changed) ? take_remote(view, local_changed) : agree_if_new(view);
    } else if (view.rule.direction == Direction::push) {
      leads(view.local, local_changed) ? take_local(view, remote_changed) : agree_if_new(view);
    } else if ((local_changed && remote_changed) || strict) {
      dispute(view);
    } else if (local_changed) {
      take_local(view, false);
    } else {
      take_remote(view, false);
    }
  }

  /// What leads a field that travels one way: not a side that never had a value, since nothing is cleared
  /// that nobody has emptied.
  [[nodiscard]] static bool leads(const std::string& value, bool changed) {
    return changed || !value.empty();
  }

  void dispute(const FieldView& view) {
    switch (view.rule.policy) {
      case Policy::local:
        take_local(view, true);
        return;
      case Policy::hubspot:
        take_remote(view, true);
        return;
      case Policy::newest:
        if (decide_by_time(view)) {
          return;
        }
        break;
      case Policy::manual:
        break;
    }
    plan_.conflicts.push_back(dispute_of(view));
  }

  /// Local and HubSpot clocks are compared here and nowhere else, and only beyond the margin (I34).
  bool decide_by_time(const FieldView& view) {
    const auto remote = remote_times_.find(view.rule.name);
    if (remote == remote_times_.end()) {
      plan_.needs_history = true;
      return false;
    }
    const auto edited = record_.edited.find(view.rule.name);
    const std::optional<Instant> local =
        edited != record_.edited.end() ? std::optional{edited->second} : record_.local_modified;
    if (!local || std::chrono::abs(*local - remote->second) <= margin_) {
      return false;
    }
    if (*local > remote->second) {
      take_local(view, true);
    } else {
      take_remote(view, true);
    }
    return true;
  }

  void agree_if_new(const FieldView& view) {
    if (!view.same_form_as_base()) {
      plan_.agree[view.rule.name] = {view.local, view.remote};
    }
  }

  void take_local(const FieldView& view, bool overrules) {
    plan_.push[view.rule.name] = view.local;
    if (overrules) {
      plan_.decided.push_back({dispute_of(view), true});
    }
  }

  void take_remote(const FieldView& view, bool overrules) {
    plan_.pull[view.rule.name] = view.remote;
    if (overrules) {
      plan_.decided.push_back({dispute_of(view), false});
    }
  }

  static FieldDispute dispute_of(const FieldView& view) {
    return {
        view.rule.name,
        view.local,
        view.remote,
        view.base == nullptr ? std::nullopt : std::optional{*view.base}
    };
  }

  const Record& record_;
  const TypeRules& rules_;
  const Detection detection_;
  const Duration margin_;
  const FieldTimes& remote_times_;
  Plan plan_;
};

}  // namespace

const std::string* lost_value(const Record& record, const FieldRule& rule) {
  const auto lost = record.lost.find(rule.name);
  const auto base = record.base.find(rule.name);
  const auto remote = record.remote.find(rule.name);
  if (lost == record.lost.end() || base == record.base.end() || remote == record.remote.end()) {
    return nullptr;
  }
  const bool open = same_value(remote->second, base->second.remote, rule.kind) &&
                    !same_value(value_or_empty(record.local, rule.name), lost->second, rule.kind);
  return open ? &lost->second : nullptr;
}

Plan plan(
    const Record& record,
    const TypeRules& rules,
    Detection detection,
    Duration newest_margin,
    const FieldTimes& remote_times
) {
  return Planner{record, rules, detection, newest_margin, remote_times}.run();
}

}  // namespace hubsync
