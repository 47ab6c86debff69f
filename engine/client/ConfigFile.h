#pragma once

// Docker's own config.json in the config directory of whoever types. What is in it besides what we know, other programs
// keep there. Only for .cpp files.

#include "engine/client/LocalFiles.h"

#include <nlohmann/json.hpp>

namespace drydock::client {

std::string config_file_path(LocalFiles const&);
// An absent file is an empty object; Corrupt for what docker did not write.
Result<nlohmann::ordered_json> read_config_file(LocalFiles&);
Result<void> write_config_file(LocalFiles&, nlohmann::ordered_json const&);

}
