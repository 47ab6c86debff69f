#pragma once

// User namespaces: the ids inside are others than outside, and who is 0 inside has every capability over what belongs
// to the namespace. That is how an ordinary user makes containers (user_namespaces(7)).

#include "engine/init/Steps.h"

namespace drydock::init {

// One id inside, and who that is outside.
struct IdMapping {
    std::uint32_t inside;
    std::uint32_t outside;
};

// This process moves there.
void enter_user_namespace(IdMapping uid, IdMapping gid, Steps&);

// The mapping that makes the present user root.
void become_root_inside(Steps&);

}
