// The build view: the Dockerfile, its steps, and the image that comes of them.

#include "sim/words/Language.h"
#include "visual/canvas/Easing.h"
#include "visual/stage/Names.h"
#include "visual/view/BuildParts.h"
#include "visual/view/EmptyState.h"

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

// How far the beat has moved, where it is about a step that has finished.
float motion_of(State const& state)
{
    auto const& player = state.player;
    auto const* const beat = player.beat();
    bool const is_step = beat != nullptr && player.log()[beat->lead].event.is<trace::BuildStepFinished>();
    if (!is_step || state.reduced_motion || beat->motion <= 0)
        return 1;
    return std::clamp(static_cast<float>((player.story() - beat->begin) / beat->motion), 0.0f, 1.0f);
}

std::size_t lit_step(BuildModel const& build, State const& state)
{
    auto const last = build.steps.empty() ? 0 : build.steps.size() - 1;
    return state.build_step && *state.build_step <= last ? *state.build_step : last;
}

// The image after that step: its own, or while it runs, the one it stands on.
world::Image const* image_after(BuildModel const& build, std::size_t step, world::Host const& host)
{
    for (auto i = std::min(step + 1, build.steps.size()); i > 0; --i) {
        auto const& it = build.steps[i - 1];
        if (it.image) {
            auto const found = host.images.find(*it.image);
            return found == host.images.end() ? nullptr : &found->second;
        }
        if (it.keyword() == "FROM")
            break; // another stage's image is not this one's
    }
    return nullptr;
}

BuildMoment build_moment(BuildModel build, Context& context)
{
    auto& state = context.state;
    BuildMoment moment { .build = std::move(build) };
    moment.lit = lit_step(moment.build, state);
    moment.k = motion_of(state);
    auto const& stages = moment.build.stages;
    for (std::size_t i = 0; i < stages.size(); ++i)
        moment.lit_stage = stages[i].first <= moment.lit ? i : moment.lit_stage;
    auto const& host = world::host_of(state.player.world(), moment.build.host);
    for (auto& step : moment.build.steps) { // the size of the tar, whether it was made now or is known from before
        if (auto const layer = step.layer ? host.layers.find(*step.layer) : host.layers.end();
            layer != host.layers.end())
            step.size = layer->second.size;
    }
    auto const* const image = image_after(moment.build, moment.lit, host);
    if (image == nullptr)
        return moment;
    moment.history = history_of(*image, host);
    moment.config = config_of(*image);
    auto const* const step = moment.step();
    bool const wrote_line = step != nullptr && step->image == image->id && step->keyword() != "FROM";
    if (wrote_line && !moment.history.empty())
        moment.lit_line = moment.history.size() - 1;
    return moment;
}

void draw_build_bar(Canvas const& canvas, Rect const& bar, BuildMoment const& moment, Context& context)
{
    auto const& theme = canvas.theme();
    auto const& build = moment.build;
    auto const cached = std::count_if(build.steps.begin(), build.steps.end(),
        [](BuildStepModel const& step) { return step.state == StepState::Cached; });
    auto const title
        = build.reference.empty() ? std::string(words::tr("Build")) : words::say("Build of {}", build.reference);
    auto const width = canvas.measure().width(theme::Style::Heading, title) + wide;
    text_in(canvas, bar, title, theme::Style::Heading, theme.text);
    auto text = words::say("context {} in {} files · step {} of {}", human_size(build.context_bytes),
        build.context_entries, build.steps.size(), build.steps_in_all);
    if (cached > 0)
        text += " · " + words::say("{} from the cache", cached);
    auto rest = bar.without_left(width);
    if (context.state.build_step) {
        auto const label = words::tr("Follow the build");
        auto const button_room = button_width(canvas.measure(), label, { .icon = theme::Icon::FastForward });
        if (button(canvas, "build.follow", rest.right_part(button_room), label, { .icon = theme::Icon::FastForward }))
            context.state.build_step.reset();
        rest = rest.without_right(button_room + snug);
    }
    text_in(canvas, rest, text, theme::Style::Body, theme.dim_text);
}

}

void choose_step(BuildMoment const& moment, std::size_t step, Context& context)
{
    auto& state = context.state;
    state.build_step = step;
    auto const& it = moment.build.steps[step];
    if (it.layer)
        state.selected = stage::layer_id(*it.layer, state.player.world());
    else if (it.image)
        state.selected = stage::image_id(*it.image);
}

void draw_build(Canvas const& canvas, Rect const& rect, Context& context)
{
    auto build = build_model(context.state.player.log(), context.state.player.records());
    if (!build)
        return draw_empty_state(canvas, rect,
            { words::tr("Nothing has been built yet"),
                words::tr("A Dockerfile is read line by line. Here you see each step: whether the cache answers, which "
                          "container runs it, and whether a layer or only the config comes of it."),
                "docker build -t greeter ." },
            context);
    auto const moment = build_moment(std::move(*build), context);
    auto const inside = rect.inset(normal, snug);
    draw_build_bar(canvas, inside.top_part(control_height), moment, context);
    auto const content = inside.without_top(control_height + tight);
    constexpr float room_for_three = 760; // else the Dockerfile goes: the steps say its lines
    auto const width = content.width - 2 * snug;
    auto const file = content.left_part(content.width < room_for_three ? 0 : width * 0.32f);
    auto const steps
        = content.without_left(file.width > 0 ? file.width + snug : 0).left_part((width - file.width) * 0.55f);
    auto const image = content.without_left(steps.right() + snug - content.x);
    if (file.width > 0)
        draw_dockerfile(canvas, file, moment, context);
    auto const from = draw_build_steps(canvas, steps, moment, context);
    draw_build_image(canvas, image, moment, from, context);
}

}
