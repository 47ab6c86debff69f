#include "visual/view/Sight.h"

#include "visual/theme/Type.h"

#include <algorithm>

namespace drydock::view {

namespace {

constexpr float presenter_zoom = 1.15f;
constexpr float least_letters = 14.0f / 720;

// Less than this is not laid out; a width of 0 is any. The pictures need both, the lists scroll by themselves.
canvas::Size least_room(MainView view)
{
    switch (view) {
    case MainView::Stage: return { 940, 513 };
    case MainView::Compare: return { 940, 419 };
    case MainView::Union:
    case MainView::Isolation:
    case MainView::Wire:
    case MainView::Build: return { 0, 360 };
    }
    return {};
}

}

Sight sight_of(MainView view, canvas::Rect const& place, canvas::Size window, bool presenter)
{
    auto const least = least_room(view);
    auto const smallest = theme::type_style(theme::Style::Caption).em;
    auto const readable = std::min(1.0f, window.height * least_letters / smallest);
    auto zoom = std::min(presenter ? presenter_zoom : 1.0f, std::max(place.height / least.height, readable));
    if (least.width > 0)
        zoom = std::min(zoom, place.width / least.width);
    auto const height = place.height / zoom;
    bool const scrolled = height < least.height - 0.5f;
    return { zoom, { place.x / zoom, place.y / zoom, place.width / zoom, scrolled ? least.height : height }, scrolled };
}

}
