// The union view: which stack is looked at, and as what.

#include "sim/words/Language.h"
#include "visual/canvas/Easing.h"
#include "visual/stage/Names.h"
#include "visual/view/EmptyState.h"
#include "visual/view/UnionParts.h"

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

theme::Icon icon_of_subject(UnionSubject const& subject)
{
    return subject.is_container ? theme::Icon::Archive : theme::Icon::Cube;
}

// So that whoever watches without a mouse sees what the last commands were about.
std::string recent_path(ContainerId const& container, State const& state)
{
    constexpr std::size_t most_beats = 60;
    auto const is_told = [](UnionAction const& action) { // the daemon itself looks users up there, before anything runs
        return action.path != "/etc" && action.path != "/etc/passwd" && action.path != "/etc/group";
    };
    auto const& beats = state.player.choreography().beats();
    auto const now = state.player.beat_index();
    for (std::size_t back = 1; back <= std::min(now, most_beats); ++back) {
        auto const actions = union_actions(beats[now - back], state.player.log(), container);
        if (auto const last = std::find_if(actions.rbegin(), actions.rend(), is_told); last != actions.rend())
            return last->path;
    }
    return {};
}

UnionMoment moment_of(UnionModel const& model, State const& state)
{
    UnionMoment moment;
    auto const* const beat = state.player.beat();
    if (beat == nullptr || !model.container)
        return moment;
    moment.actions = union_actions(*beat, state.player.log(), *model.container);
    auto const lead = std::find_if(moment.actions.begin(), moment.actions.end(),
        [&](UnionAction const& action) { return action.record == beat->lead; });
    if (!moment.actions.empty())
        moment.path = lead == moment.actions.end() ? moment.actions.front().path : lead->path;
    moment.recent = moment.path.empty() ? recent_path(*model.container, state) : moment.path;
    if (!state.reduced_motion && beat->motion > 0)
        moment.k = std::clamp(static_cast<float>((state.player.story() - beat->begin) / beat->motion), 0.0f, 1.0f);
    return moment;
}

// Stack, pane, and what narrows the rows.
void draw_union_toolbar(Canvas const& canvas, Rect const& bar, UnionModel const& model, Context& context)
{
    auto& state = context.state.union_view;
    auto const& name = model.subject.name;
    auto const wanted = button_width(canvas.measure(), name, { .icon = icon_of_subject(model.subject) }) + normal;
    auto const width = std::clamp(wanted, 120.0f, 230.0f);
    if (button(canvas, "union.subject", bar.left_part(width),
            elided(canvas.measure(), theme::Style::Strong, name, width - 56),
            { .icon = icon_of_subject(model.subject), .hint = words::tr("Look at another container or image") }))
        state.list = UnionList::Subjects;
    auto rest = bar.without_left(width + snug);
    std::array<std::string_view, 3> const panes { words::tr("X-ray"), words::tr("Sizes"), words::tr("Compare") };
    auto pane = static_cast<std::size_t>(state.pane);
    auto const panes_width = std::min(264.0f, rest.width * 0.45f);
    if (segmented(canvas, "union.pane", rest.left_part(panes_width), panes, pane))
        state.pane = static_cast<UnionPane>(pane);
    rest = rest.without_left(panes_width + normal);
    if (state.pane != UnionPane::XRay)
        return;
    auto const width_of
        = [&](std::string_view label) { return canvas.measure().width(theme::Style::Body, label) + 60; };
    constexpr float filter_least = 140;
    auto label = words::tr("Only what differs");
    if (rest.width - width_of(label) < filter_least)
        label = words::tr("Differing");
    auto const toggle_width = width_of(label);
    toggle(canvas, "union.changes", rest.right_part(toggle_width), label, state.only_changes);
    rest = rest.without_right(toggle_width + snug);
    text_field(canvas, "union.filter", rest.left_part(280), state.filter,
        { .placeholder = words::tr("Part of a path"), .icon = theme::Icon::Search });
    // Only now, so that the key that called is not typed into it.
    if (pressed(Chord::typed('/'))) {
        canvas.interaction().await_field();
        canvas.interaction().focus("union.filter");
    }
}

void draw_union_list(Canvas const& canvas, Rect const& box, Context& context)
{
    auto& state = context.state.union_view;
    constexpr float row = 34;
    auto subjects = union_subjects(context.state.player.world());
    if (state.list == UnionList::Others)
        std::erase_if(subjects, [&](UnionSubject const& subject) { return subject.id == state.subject; });
    auto const height = std::min(box.height, static_cast<float>(subjects.size()) * row + 2 * tight);
    auto const place = box.top_part(height).left_part(320);
    canvas::Overlay const overlay(canvas, "union.list", place, OverlayKind::Modal);
    ScrollArea area(overlay.canvas(), "union.list.rows", place.inset(tight));
    auto const& on = area.canvas();
    float y = 0;
    for (std::size_t i = 0; i < subjects.size(); ++i, y += row) {
        auto const hand = touch(on, fmt::format("union.list.{}", i), { 0, y, area.width(), row });
        if (hand.hovered || hand.focused)
            fill(on, hand.rect, theme::radius::control, on.theme().raised);
        icon(on, { 18, hand.rect.center().y }, icon_of_subject(subjects[i]),
            on.theme()[theme::Category::Storage].stroke);
        text_in(on, hand.rect.without_left(36), subjects[i].name, theme::Style::Body, on.theme().text);
        focus_ring(on, hand, theme::radius::control);
        if (!hand.clicked)
            continue;
        if (state.list == UnionList::Others) {
            state.other = subjects[i].id;
        } else {
            state.chosen = context.state.selected = subjects[i].id;
        }
        state.list = UnionList::None;
    }
    area.set_content_height(y);
    if (overlay.dismissed())
        state.list = UnionList::None;
}

}

void choose_union_path(std::string path, Context& context)
{
    context.state.union_view.path = std::move(path);
    context.state.union_view.chosen_in = context.state.player.beat_index();
}

namespace {

// What was selected in another view: an entry of a sheet is a path here.
void follow_selection(UnionModel const& model, Context& context)
{
    auto& state = context.state.union_view;
    auto const& selected = context.state.selected;
    if (std::exchange(state.selected, selected) == selected || !model.container)
        return;
    auto const sheet = stage::sheet_id(*model.container);
    auto const path = selected.starts_with(sheet) ? selected.substr(sheet.size()) : std::string();
    if (model.merged.find(path) != nullptr)
        choose_union_path(path, context);
}

// A phase points at a path as it does at a container: "path:/etc/motd" in its focus. One may choose another then.
void follow_phase(Context& context)
{
    constexpr std::string_view prefix = "path:";
    auto& state = context.state.union_view;
    auto const& scenario = context.state.player.world().scenario;
    auto const phase = scenario ? scenario->phase : -1;
    if (std::exchange(state.phase, phase) == phase || !scenario)
        return;
    for (auto const& name : scenario->focus) {
        if (name.starts_with(prefix)) {
            state.path = name.substr(prefix.size());
            state.chosen_in.reset();
        }
    }
}

}

void draw_union(Canvas const& canvas, Rect const& rect, Context& context)
{
    auto& state = context.state.union_view;
    auto& player = context.state.player;
    state.subject = union_subject(player.world(), context.state.selected, state.chosen, state.subject, player.beat());
    auto const whole_model = state.models.model(player.world(), player.log(), state.subject);
    if (whole_model == nullptr)
        return draw_empty_state(canvas, rect,
            { words::tr("No layers are here yet"),
                words::tr("An image is a stack of layers, a container one more on top. As soon as there is one, you "
                          "see here which layer answers for each file."),
                "docker pull busybox" },
            context);
    if (!whole_model->is_told)
        return draw_empty_state(canvas, rect,
            { words::tr("This trace does not tell what the layers hold"),
                words::tr("It was recorded by an older Drydock. Record the run again to look into its layers."), {} },
            context);
    if (state.unfolded_for != state.subject) {
        state.unfolded_for = state.subject;
        state.unfolded = directories_with_changes(*whole_model, 24);
        state.peeled = state.first_layer = 0;
        state.revealed.clear(); // in another tree it stands elsewhere
    }
    auto const model = state.models.peeled(whole_model, state.peeled);
    follow_phase(context);
    follow_selection(*model, context);
    auto const inside = rect.inset(normal, snug);
    draw_union_toolbar(canvas, inside.top_part(control_height), *model, context);
    auto const content = inside.without_top(control_height + snug);
    switch (state.pane) {
    case UnionPane::XRay: draw_union_xray(canvas, content, *model, moment_of(*model, context.state), context); break;
    case UnionPane::Sizes: draw_union_sizes(canvas, content, *model, context); break;
    case UnionPane::Compare: draw_union_compare(canvas, content, model, context); break;
    }
    if (state.list != UnionList::None)
        draw_union_list(canvas, content, context);
}

}
