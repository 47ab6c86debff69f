#pragma once

// What each thing on the stage is called. The same id is the same object: it moves, it is never swapped. Ids that hang
// below another one begin with it: "container:4f2a…/sheet/etc/motd".

#include "sim/world/World.h"

#include <string>
#include <string_view>

namespace drydock::stage {

std::string id_of(HostId const&);
std::string id_of(ActorId const&);
std::string id_of(ContainerId const&);
std::string machine_id(HostId const&);                       // one of several, in the row of all
std::string wire_id(ActorId const& from, ActorId const& to); // the same for both directions
std::string kernel_id(HostId const&);
std::string hypervisor_id(HostId const&);
std::string guest_id(GuestMachineId const&);
std::string guest_kernel_id(GuestMachineId const&);
std::string guest_console_id(GuestMachineId const&);
std::string image_id(oci::Digest const& image);
std::string blob_id(oci::Digest const& blob);
// A layer has one id from the moment the manifest names its blob, so `diff_id` is followed to its blob where known.
std::string layer_id(oci::Digest const& diff_id, world::World const&);
std::string layer_id_of_blob(oci::Digest const& blob);
std::string remote_id(oci::Digest const& blob); // what the registry holds
std::string sheet_id(ContainerId const&);
std::string sheet_entry_id(ContainerId const&, std::string_view path);
std::string namespace_id(ContainerId const&, std::string_view kind);
std::string fact_id(ContainerId const&, std::string_view name); // "mounts", "privileges"
std::string process_id(ContainerId const&, std::int64_t pid);
std::string record_id(std::uint64_t sequence); // an event itself

// Who plays a role now, of several who could: the daemon of the machine that is shown, the client that typed last, the
// registry that is asked. Null where there is nobody.
world::Actor const* acting(trace::ActorRole, world::World const&);

// "container:a", "image:busybox:latest", "guest:vm", "daemon", "client", "registry", "kernel",
// "hypervisor" as scenario files say it; the id on
// the stage, or empty where there is no such thing now.
std::string resolve(std::string_view name, world::World const&);

// What a fault is about, by its object in the events: an actor's id, a digest, "laptop - hub". Empty where that is not
// on the stage.
std::string id_of_broken(std::string_view object, world::World const&);

inline constexpr std::string_view narration_id = "narration";
inline constexpr std::string_view store_id = "store";
inline constexpr std::string_view remote_layers_id = "remote:layers"; // all of an image, in one
inline constexpr std::string_view stand_id = "stand";                 // where containers will stand

}
