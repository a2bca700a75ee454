// Whose portal the access token opens, found out before anything else is read or written (I11), and again for
// each new token; and what that portal lets us do. Opens and closes the gate. Loop thread.
#pragma once

#include <functional>
#include <optional>

#include "daemon/engine/context.hpp"
#include "daemon/engine/gate.hpp"

namespace hubsync {

class Connection {
 public:
  /// `hub` is the one behind the gate. All of them outlive the connection.
  Connection(EngineContext& context, Hub& hub, GatedHub& gate, Engine::OnAccount on_account);

  /// Returns once the portal is known to be the right one, or at a stop.
  Task<void> establish();
  /// Establishes it again whenever another token was put in place, and looks again at what a type offers that
  /// could not be read before, until a stop.
  Task<void> keep();

  /// Lets calls under way finish, has `change` put another token in place, and finds out about that one.
  Task<void> renew_token(Engine::TokenChange change);

  /// Waits for the portal to be known as the right one; why it is not.
  Task<std::optional<Error>> ready();
  [[nodiscard]] bool is_ready() const { return ready_; }

  /// Why a run would wait for a person before it begins: HubSpot being away is no such reason.
  [[nodiscard]] std::optional<Error> locked_out() const;

  /// Past the gate: for finding out what is wrong with it.
  [[nodiscard]] Hub& hub() { return hub_; }

 private:
  Task<bool> connect();
  Task<bool> goes_unpinned(CallFailure failure);
  void put_back(const CallFailure& failure);
  Task<bool> pin(Account account);
  Task<bool> prepare_type(const TypeRules& rules);
  Task<void> prepare_again(std::string type);
  Task<Reply<bool>> make_uid_property(const TypeRules& rules);

  EngineContext& context_;
  Hub& hub_;
  GatedHub& gate_;
  Engine::OnAccount on_account_;
  std::function<void()> put_back_;  ///< While another token is tried: back to the last one that was right.
  bool ready_ = false;
  bool connecting_ = false;
};

}  // namespace hubsync
