#pragma once

// `--log-driver` and `--log-opt`, in dockerd's words. As there, names are checked when a container is created, and
// sizes when it is started.

#include "engine/daemon/ContainerLog.h"

#include <map>

namespace drydock::daemon {

using LogOptions = std::map<std::string, std::string>;

// InvalidInput for an unknown driver, an option that it has not, or a mode that does not exist.
Result<void> check_log_options(std::string const& driver, LogOptions const&);
// InvalidInput "failed to initialize logging driver: …"
Result<LogLimits> log_limits(std::string const& driver, LogOptions const&);
// What was asked for and is not done.
std::vector<std::string> warnings_about_log(LogOptions const&);

}
