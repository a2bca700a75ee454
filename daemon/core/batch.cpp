#include "daemon/core/batch.hpp"

#include <algorithm>
#include <map>

#include "common/assert.hpp"

namespace hubsync {

std::vector<Batch> pack(const std::vector<std::string>& keys, std::size_t limit) {
  ASSERT(limit > 0);
  std::vector<Batch> batches;
  std::map<std::string, std::size_t> earliest;  // First batch that a key may still go into.
  std::size_t first_open = 0;                   // All batches before this one are full.
  for (std::size_t i = 0; i < keys.size(); ++i) {
    std::size_t target = first_open;
    if (!keys[i].empty()) {
      target = std::max(target, earliest[keys[i]]);
    }
    while (target < batches.size() && batches[target].size() >= limit) {
      ++target;
    }
    if (target == batches.size()) {
      batches.emplace_back();
    }
    batches[target].push_back(i);
    if (!keys[i].empty()) {
      earliest[keys[i]] = target + 1;
    }
    while (first_open < batches.size() && batches[first_open].size() >= limit) {
      ++first_open;
    }
  }
  return batches;
}

std::pair<Batch, Batch> bisect(const Batch& batch) {
  ASSERT(batch.size() >= 2);
  const auto middle = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
  return {Batch(batch.begin(), middle), Batch(middle, batch.end())};
}

BatchWork::BatchWork(const std::vector<std::string>& keys, std::size_t limit) {
  for (Batch& batch : pack(keys, limit)) {
    todo_.push_back(std::move(batch));
  }
}

std::optional<Batch> BatchWork::next() {
  if (todo_.empty()) {
    return std::nullopt;
  }
  Batch batch = std::move(todo_.front());
  todo_.pop_front();
  return batch;
}

bool BatchWork::refused(const Batch& batch) {
  if (batch.size() < 2) {
    return false;
  }
  auto [first, second] = bisect(batch);
  // In front of everything else: a later input of the same key must not overtake.
  todo_.push_front(std::move(second));
  todo_.push_front(std::move(first));
  return true;
}

}  // namespace hubsync
