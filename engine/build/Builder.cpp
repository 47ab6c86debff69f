// Stages and steps: what comes after what. BuildSteps.cpp has what each instruction does, BuildCopy.cpp COPY and ADD.

#include "engine/build/Builder.h"

#include <fmt/format.h>

#include <algorithm>

namespace drydock::build {

namespace {

constexpr std::string_view default_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

bool is_stage_name(std::string const& name)
{
    return !name.empty() && name.front() >= 'a' && name.front() <= 'z'
        && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") == std::string::npos;
}

std::string lower_case(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
        [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

std::vector<std::string> lines_of(std::string_view text)
{
    std::vector<std::string> lines;
    while (!text.empty()) {
        auto const end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

}

Builder::Builder(
    Workshop& workshop, TarTree const& context, BuildOptions options, BuildOutput output, trace::Publisher publisher)
    : m_workshop(workshop)
    , m_context(context)
    , m_options(std::move(options))
    , m_output(std::move(output))
    , m_publisher(std::move(publisher))
    , m_arguments(m_options.arguments)
{
}

Builder::~Builder() = default;

// ---- Reading ----

Result<void> Builder::read(std::string_view text)
{
    // Docker's words begin with the line; another file than the usual one is named before.
    auto const in_file = [&](Error const& error) {
        return m_options.dockerfile_name == "Dockerfile"
            ? error
            : Error(error.kind(), m_options.dockerfile_name + ": " + error.message());
    };
    m_text_lines = lines_of(text);
    auto file = parse_dockerfile(text);
    if (!file)
        return fail(in_file(file.error()));
    m_escape = file->escape;
    if (auto const sorted = sort_into_stages(std::move(*file)); !sorted)
        return fail(in_file(sorted.error()));
    TRY(add_label_step());
    TRY(choose_target());
    m_steps = count_steps();
    return {};
}

namespace {

// What can be said of an instruction before anything runs, as docker's parser does.
Result<void> check_shape(Instruction const& instruction)
{
    auto const is = [&](std::initializer_list<std::string_view> keywords) {
        return std::find(keywords.begin(), keywords.end(), instruction.keyword) != keywords.end();
    };
    if (is({ "WORKDIR", "USER", "STOPSIGNAL", "MAINTAINER" }))
        TRY(want_one_word(instruction));
    if (is({ "ENV", "LABEL", "EXPOSE", "VOLUME", "ARG" }))
        TRY(want_words(instruction));
    if (is({ "COPY", "ADD" }))
        return allow_flags(instruction, { "from", "chown", "chmod" });
    return is({ "HEALTHCHECK", "RUN" }) ? Result<void>() : allow_flags(instruction, {});
}

}

Result<void> Builder::sort_into_stages(Dockerfile file)
{
    for (auto& instruction : file.instructions) {
        auto const wrong = [&](std::string const& why) {
            return fail(at_line(instruction.line, Error(ErrorKind::InvalidInput, why)));
        };
        if (instruction.keyword != "FROM") {
            if (m_stages.empty() && instruction.keyword != "ARG")
                return wrong("no build stage in current context");
            if (auto const shaped = check_shape(instruction); !shaped)
                return wrong(shaped.error().message());
            (m_stages.empty() ? m_global_arguments : m_stages.back().steps).push_back(std::move(instruction));
            continue;
        }
        auto const& words = instruction.words;
        if (words.size() != 1 && (words.size() != 3 || upper_case(words[1]) != "AS"))
            return wrong("FROM requires either one or three arguments");
        if (auto const allowed = allow_flags(instruction, { "platform" }); !allowed)
            return wrong(allowed.error().message());
        auto const name = words.size() == 3 ? lower_case(words[2]) : std::string();
        if (words.size() == 3 && !is_stage_name(name))
            return wrong("invalid name for build stage: \"" + words[2]
                + "\", name can't start with a number or contain symbols");
        m_stages.push_back({ .from = instruction, .base = words[0], .name = name, .steps = {}, .image = {} });
    }
    if (m_stages.empty())
        return fail(ErrorKind::InvalidInput, "no build stage in current context");
    return {};
}

// --label is one more LABEL at the end, as docker has it.
Result<void> Builder::add_label_step()
{
    if (m_options.labels.empty())
        return {};
    std::string line = "LABEL";
    Instruction instruction;
    instruction.keyword = "LABEL";
    auto const literal = [](std::string const& text) {
        std::string quoted = "'"; // no variable in it is replaced
        for (char const c : text)
            quoted += c == '\'' ? std::string("'\"'\"'") : std::string(1, c);
        return quoted + "'";
    };
    for (auto const& [name, value] : m_options.labels) {
        line += " " + name + "=" + value;
        instruction.words.push_back(literal(name));
        instruction.words.push_back(literal(value));
    }
    instruction.original = line;
    m_stages.back().steps.push_back(std::move(instruction));
    return {};
}

Result<void> Builder::choose_target()
{
    if (m_options.target.empty())
        return {};
    auto const wanted = lower_case(m_options.target);
    for (std::size_t i = 0; i < m_stages.size(); ++i) {
        if (m_stages[i].name == wanted || std::to_string(i) == wanted) {
            m_stages.erase(m_stages.begin() + static_cast<std::ptrdiff_t>(i) + 1, m_stages.end());
            return {};
        }
    }
    return fail(ErrorKind::InvalidInput, "target stage \"" + m_options.target + "\" could not be found");
}

std::int64_t Builder::count_steps() const
{
    auto count = static_cast<std::int64_t>(m_global_arguments.size() + m_stages.size());
    for (auto const& stage : m_stages)
        count += static_cast<std::int64_t>(stage.steps.size());
    return count;
}

// ---- Building ----

Result<image::Image> Builder::run()
{
    TRY(run_global_arguments());
    for (auto& stage : m_stages)
        TRY(run_stage(stage));
    if (auto const unused = m_arguments.unused(); !unused.empty()) {
        std::string names;
        for (auto const& name : unused)
            names += (names.empty() ? "" : " ") + name;
        say("[Warning] One or more build-args [" + names + "] were not consumed\n");
    }
    if (!m_image)
        return fail(ErrorKind::InvalidInput, "No image was generated. Is your Dockerfile empty?");
    return *m_image;
}

Result<void> Builder::run_global_arguments()
{
    for (auto const& instruction : m_global_arguments)
        TRY(run_step(instruction, [&] { return declare_global(instruction); }));
    return {};
}

Result<void> Builder::declare_global(Instruction const& instruction)
{
    TRY(want_words(instruction));
    for (auto const& word : instruction.words) {
        auto const text
            = TRY(expand(word, m_escape, [this](std::string const& name) { return m_arguments.global(name); }));
        auto const equals = text.find('=');
        m_arguments.declare_global(text.substr(0, equals),
            equals == std::string::npos ? std::nullopt : std::optional(text.substr(equals + 1)));
    }
    return {};
}

Result<void> Builder::run_stage(Stage& stage)
{
    TRY(run_step(stage.from, [&] { return begin_stage(stage); }));
    for (auto const& instruction : stage.steps)
        TRY(run_step(instruction, [&] { return dispatch(instruction); }));
    stage.image = m_image;
    return {};
}

Result<void> Builder::begin_stage(Stage& stage)
{
    m_arguments.begin_stage();
    m_in_stage = true;
    m_cache_missed = false;
    auto const base
        = TRY(expand(stage.base, m_escape, [this](std::string const& name) { return m_arguments.global(name); }));
    if (base.empty())
        return fail(ErrorKind::InvalidInput, "base name (" + stage.base + ") should not be blank");
    m_image.reset();
    if (base != "scratch") {
        auto const earlier = std::find_if(m_stages.begin(), m_stages.end(),
            [&](Stage const& other) { return other.image && other.name == lower_case(base); });
        m_image = earlier != m_stages.end() ? *earlier->image : TRY(m_workshop.base(base));
    }
    m_config = ConfigEditor(m_image ? m_image->config : oci::ImageConfig {});
    if (!m_config.env("PATH"))
        m_config.set_env("PATH", std::string(default_path));
    return run_triggers();
}

// What the base image's author left for those who build on it (ONBUILD).
Result<void> Builder::run_triggers()
{
    auto const triggers = std::exchange(m_config.config.on_build, {});
    if (triggers.empty())
        return {};
    say(fmt::format("# Executing {} build trigger{}\n", triggers.size(), triggers.size() == 1 ? "" : "s"));
    for (auto const& trigger : triggers) {
        auto const instruction = TRY(parse_instruction(trigger));
        if (instruction.keyword == "FROM" || instruction.keyword == "ONBUILD" || instruction.keyword == "MAINTAINER")
            return fail(ErrorKind::InvalidInput, instruction.keyword + " isn't allowed as an ONBUILD trigger");
        TRY_WITH("ONBUILD " + trigger, dispatch(instruction));
    }
    return {};
}

Result<void> Builder::run_step(Instruction const& instruction, std::function<Result<void>()> const& work)
{
    if (m_workshop.cancelled())
        return fail(ErrorKind::Cancelled, "context canceled");
    ++m_step;
    say(fmt::format("Step {}/{} : {}", m_step, m_steps, instruction.original));
    say("\n");
    auto span = m_publisher.span(
        "build step", fmt::format("Step {}/{}: {}", m_step, m_steps, instruction.keyword), trace::Depth::Role);
    m_publisher.publish(trace::BuildStepBegan { m_step, m_steps, instruction.line, instruction.original });
    m_was_cached = false;
    m_reason.clear();
    m_changed.clear();
    m_layer.reset();
    auto const done = work();
    // A program that failed leaves its container to be looked at, as docker does. Where something else failed (the
    // disk, say) or nobody waits any more there is nothing to see, and what the step took is given back (HARDENING R6).
    bool const program_failed = !done && m_exit_code != 0;
    if (m_options.always_remove_containers || (done ? m_options.remove_containers : !program_failed)) {
        for (auto const& container : m_containers) {
            if (container->remove())
                say(fmt::format("Removing intermediate container {}\n", container->id().short_form()));
        }
    }
    m_containers.clear();
    if (!done) {
        span.failed(done.error().message());
        point_at(instruction);
        return done;
    }
    if (m_in_stage)
        say_image();
    auto const nothing = oci::Digest::of("");
    m_publisher.publish(trace::BuildStepFinished { .step = m_step,
        .instruction = instruction.original,
        .image = m_image ? m_image->id : nothing,
        .cached = m_was_cached,
        .has_layer = m_layer.has_value(),
        .layer = m_layer ? m_layer->diff_id.digest : nothing,
        .size = m_layer ? m_layer->size : 0,
        .reason = m_reason,
        .changed = m_changed });
    return {};
}

void Builder::say_image() const
{
    say(" ---> " + (m_image ? m_image->id.short_form() : "") + "\n");
}

// The failing instruction with its neighbours, as compilers show it. The error's own words stay docker's.
void Builder::point_at(Instruction const& instruction)
{
    m_failed_line = instruction.line;
    if (instruction.line == 0) // none of the file's: a --label
        return;
    auto const last_of_file = static_cast<int>(m_text_lines.size());
    auto const first = std::max(instruction.line - 1, 1);
    auto const last = std::min(std::max(instruction.last_line, instruction.line) + 1, last_of_file);
    std::string text = fmt::format("{}:{}\n--------------------\n", m_options.dockerfile_name, instruction.line);
    for (int line = first; line <= last; ++line) {
        bool const is_it = line >= instruction.line && line <= std::max(instruction.last_line, instruction.line);
        text += fmt::format(
            "{:4} | {} {}\n", line, is_it ? ">>>" : "   ", m_text_lines[static_cast<std::size_t>(line) - 1]);
    }
    say(text + "--------------------\n");
}

Variables Builder::variables() const
{
    return [this](std::string const& name) {
        auto const value = m_config.env(name); // ENV wins over ARG
        return value ? value : m_arguments.in_stage(name);
    };
}

Result<std::string> Builder::expanded(std::string const& word) const
{
    return expand(word, m_escape, variables());
}

}
