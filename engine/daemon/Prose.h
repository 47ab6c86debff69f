#pragma once

// What `docker ps` says of a container in words, and what inspect and the lists say in JSON. Only for .cpp files.

#include "engine/daemon/Engine.h"
#include "engine/daemon/Json.h"

namespace drydock::daemon {

// "Up 5 minutes", "Exited (137) 2 minutes ago", "Created"
std::string status_text(ContainerState const&, std::string const& health, Timestamp now);
json list_entry(Container const&, ContainerRecord const&, Engine const&);
json inspect_body(Container const&, Engine const&);
// What it has written, and that together with its image (`size=1`).
void add_sizes(json& body, Roots&, ContainerRecord const&);

}
