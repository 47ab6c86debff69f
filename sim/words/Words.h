#pragma once

// One plain sentence for each event: what a teacher would say while pointing at it. The captions on the stage and the
// text twin (`drydock play --text`) both come from here.

#include "sim/trace/EventLog.h"
#include "sim/world/World.h"

#include <span>
#include <string>

namespace drydock::words {

// `world` is the World after the event. Never empty, one line, ends with a period.
std::string sentence(trace::Event const&, world::World const&);

// For events of one kind that are shown together: "The kernel gives it 6 namespaces of its own: pid, mnt, …".
// Not empty; for one event the same as sentence().
std::string sentence(std::span<trace::Event const* const>, world::World const&);

// How people are told about an object: a container by its name, an image by its first tag, else the short digest.
std::string name_of(ContainerId const&, world::World const&);
std::string name_of_image(oci::Digest const&, world::World const&);
std::string name_of(ActorId const&, world::World const&);
// "simulated": where a fact comes from.
std::string_view word_for(trace::Provenance);
// "echo hi"
std::string command_text(std::span<std::string const> arguments);
// "nothing.", "Ahoy!": with a full stop where nothing else ends it.
std::string as_sentence(std::string_view text);
// Ids and digests of 64 digits are for machines: people get the first 12 of them, as docker does, and `cut` behind.
std::string with_short_ids(std::string_view text, std::string_view cut = "");
// "create a container", for POST /v1.41/containers/create; the request line itself where no phrase fits.
std::string purpose_of(std::string_view method, std::string_view target);
// "/containers/create": the path without API version and query.
std::string short_target(std::string_view target);
// "POST /containers/create": what failed, as OperationFailed calls it, likewise; "build" as it is.
std::string short_operation(std::string_view operation);

}
