#include "visual/view/Actions.h"

#include "sim/core/Verify.h"

#include <algorithm>

namespace drydock::view {

ActionInfo const& info_of(Action action)
{
    auto const found = std::find_if(actions.begin(), actions.end(), [&](auto const& a) { return a.action == action; });
    VERIFY(found != actions.end());
    return *found;
}

std::optional<canvas::Chord> chord_of(Action action)
{
    return canvas::Chord::parse(info_of(action).keys[0]);
}

}
