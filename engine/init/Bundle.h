#pragma once

// A container as a bundle's config.json describes it. The steps are those of Container.h; what differs is that the
// namespaces, mounts and powers are the caller's choice, that nobody watches over the process, and that it waits,
// complete, until `start` gives the word.

#include "engine/init/Container.h"

namespace drydock::init {

// CLONE_NEW* flags with which the process is born.
std::uint64_t namespaces_at_birth(Spec const&);
// What has to be entered before it is born: namespaces of a running container, or those that config.json names.
void enter_for_bundle(Spec const&, Endowment const&, Steps&);
[[noreturn]] void become_bundle(Spec const&, Endowment&, int reports);

}
