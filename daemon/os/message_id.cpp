#include "daemon/os/message_id.hpp"

#include <algorithm>
#include <array>

namespace hubsync {
namespace {

constexpr std::array table{
    MessageId{"audit.head", "68d10466588c4d3bb1dbcc48720de823"},
    MessageId{"call.cut", "4d0b52eb20da46d3b68d7f50f470de10"},
    MessageId{"clock.set", "79720ddf662a47f1b6bb3c9a97a2de18"},
    MessageId{"conflict.detected", "efdf1b114e4e494dbdb308eb7b23181e"},
    MessageId{"daemon.failed", "70cb9f39995a4bafa528a80aae95608e"},
    MessageId{"daemon.ready", "279ccb9bb4f64712b3247579a21e29af"},
    MessageId{"guard.raised", "5af269075fdb40e38af89a95a14b3586"},
    MessageId{"hubspot.back", "6d6b2bac0ad74c8a8274a25addbe83b4"},
    MessageId{"hubspot.denied", "0e40ad8271bf46a098d6d165d234347f"},
    MessageId{"hubspot.failing", "20baec320c7f4a08af393da38fd8e942"},
    MessageId{"log.dropped", "615bb6e20ea1468d94990a8f99eb606a"},
    MessageId{"portal.changed", "66666a3ce1e04817b3dfb6b0332ebc65"},
    MessageId{"portal.unknown", "82c5af815cf94d4ebe902140580e5aaf"},
    MessageId{"privacy.erased", "9bbdffdd4be647b6a9a63a954270b855"},
    MessageId{"properties.unreadable", "ce24824859dd4ae59f626468f7e13862"},
    MessageId{"pull.failed", "fc2b7300e3e442e3aa61ff76f12996e3"},
    MessageId{"push.failed", "1fa7f7cfc0cb4769a9329ed3b9ef5fef"},
    MessageId{"queue.paused", "26e75d7ecdd343aa9dfdf83264107a76"},
    MessageId{"queue.resumed", "69767799fdbb44e3aa70b062ee2c9341"},
    MessageId{"reload.done", "f6aa735c753842dbb82ddcdcd37a69a3"},
    MessageId{"reload.later", "6fba1f191c004d478fd61914e6508911"},
    MessageId{"reload.refused", "87cba307b6194b84afc53e406c7822ba"},
    MessageId{"request.failed", "6d2f9708addd47c382c159f0f56fce3f"},
    MessageId{"run.finished", "686392953c53402499948b4040ca4224"},
    MessageId{"store.back", "e5caa437533b4c368c5e9691ac138922"},
    MessageId{"store.damaged", "b069bf03988142b5a405944c85423942"},
    MessageId{"store.failed", "46bc314033eb464fb313e6ab5f3d97d8"},
    MessageId{"token.unsaved", "70de92f095044084afdfaa6df414b9ad"},
    MessageId{"webhooks.off", "f957a7ddc9a0485ba92b6b7982bfc476"},
};
static_assert(std::ranges::is_sorted(table, {}, &MessageId::event));

}  // namespace

std::span<const MessageId> message_ids() {
  return table;
}

std::string_view message_id(std::string_view event) {
  const auto found = std::ranges::lower_bound(table, event, {}, &MessageId::event);
  return found != table.end() && found->event == event ? found->id : std::string_view{};
}

}  // namespace hubsync
