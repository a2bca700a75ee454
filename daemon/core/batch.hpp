// Which inputs go into one batch call, and what becomes of a batch that HubSpot refused as a whole
// (HUBSPOT.md §4.4). Works on indexes, so that it fits reads, writes and archives. Pure; any thread.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hubsync {

/// Indexes of the inputs that one call carries.
using Batch = std::vector<std::size_t>;

/// Spreads inputs over batches of at most `limit`, each key at most once in a batch, because a repeated key
/// makes HubSpot refuse all of it. Inputs of the same key keep their order from batch to batch; "" is no key.
[[nodiscard]] std::vector<Batch> pack(const std::vector<std::string>& keys, std::size_t limit);

/// The two halves of a refused batch, in order. `batch` holds at least two inputs.
[[nodiscard]] std::pair<Batch, Batch> bisect(const Batch& batch);

/// The calls that a list of inputs needs, one after the other, down to single inputs where a batch is
/// refused: one bad record costs about 2·log₂(limit) calls and never its neighbours (I28).
class BatchWork {
 public:
  BatchWork(const std::vector<std::string>& keys, std::size_t limit);

  /// The next batch to send; none when all are done.
  [[nodiscard]] std::optional<Batch> next();
  /// The batch was refused as a whole: its halves come next. False when it is a single input: that input is
  /// refused.
  [[nodiscard]] bool refused(const Batch& batch);

 private:
  std::deque<Batch> todo_;
};

}  // namespace hubsync
