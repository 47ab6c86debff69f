#include "sim/scenario/Vocabulary.h"

namespace drydock::scenario {

std::string_view name_of(world::ContainerState state)
{
    switch (state) {
    case world::ContainerState::Created: return "created";
    case world::ContainerState::Running: return "running";
    case world::ContainerState::Paused: return "paused";
    case world::ContainerState::Exited: return "exited";
    case world::ContainerState::Removed: return "removed";
    }
    return "unknown";
}

std::string_view name_of(world::SheetMark mark)
{
    switch (mark) {
    case world::SheetMark::Created: return "created";
    case world::SheetMark::CopiedUp: return "copied-up";
    case world::SheetMark::Whiteout: return "whiteout";
    case world::SheetMark::Opaque: return "opaque";
    }
    return "unknown";
}

}
