// The systemd service notification protocol (sd_notify(3)): one datagram to $NOTIFY_SOCKET.
#pragma once

#include <string_view>

namespace coffer::server {

// "READY=1", "RELOADING=1", "STOPPING=1". Does nothing when the process was not started by systemd.
void notify(std::string_view state);

}  // namespace coffer::server
