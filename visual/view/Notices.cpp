// What the program has to say beside the story: what is missing on this machine, where something was saved, why
// something could not be done. It stays until it is put away.

#include "sim/words/Language.h"
#include "sim/words/Told.h"
#include "visual/view/Views.h"

namespace drydock::view {

using namespace canvas;
using namespace theme::space;

void draw_notices(Canvas const& canvas, Rect const& stage, Context& context)
{
    auto const* notices = context.input.notices;
    auto& state = context.state;
    if (notices == nullptr || notices->empty() || *notices == state.notices_read || state.presenter)
        return;
    auto const& theme = canvas.theme();
    constexpr float notice_width = 640;
    auto const width = std::min(notice_width, stage.width - 2 * wide);
    auto const inner = width - 2 * normal - control_height - wide;
    float height = 2 * snug;
    std::vector<std::string> texts;
    for (auto const& notice : *notices)
        texts.push_back(words::told(notice));
    for (auto const& notice : texts)
        height += paragraph_height(canvas.measure(), theme::Style::Body, notice, inner) + hair;
    Rect const box { stage.center().x - width / 2, stage.y + snug, width, height };
    canvas::Overlay const overlay(canvas, "notices", box, OverlayKind::Floating);
    auto const& on = overlay.canvas();
    card(on, box, { .elevation = theme::Elevation::Spotlight });
    icon(on, { box.x + normal + 4, box.y + snug + 11 }, theme::Icon::Info, theme.accent);
    auto rest = Rect { box.x + normal + wide, box.y + snug, inner, height };
    for (auto const& notice : texts)
        rest = rest.without_top(paragraph(on, rest, notice, theme::Style::Body, theme.text) + hair);
    Rect const close { box.right() - control_height - tight, box.y + tight, control_height, control_height };
    if (icon_button(on, "notices.close", close, theme::Icon::Close,
            { .emphasis = Emphasis::Quiet, .hint = words::tr("Put it away") }))
        state.notices_read = *notices;
}

}
