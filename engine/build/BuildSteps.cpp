// What each instruction does, and how an image comes out of it.

#include "engine/build/Builder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace drydock::build {

Result<void> Builder::dispatch(Instruction const& instruction)
{
    if (instruction.keyword == "ARG")
        return run_argument(instruction);
    if (instruction.keyword == "RUN")
        return run_command(instruction);
    if (instruction.keyword == "COPY" || instruction.keyword == "ADD")
        return run_copy(instruction);
    if (instruction.keyword == "WORKDIR")
        return run_workdir(instruction);
    return run_config(instruction);
}

// ---- The cache and the history ----

// A line of history that ran nothing, as docker writes it.
std::string Builder::nop(std::string const& comment) const
{
    return fmt::format("{} #(nop)  {}", fmt::join(m_config.shell(), " "), comment);
}

bool Builder::take_from_cache(std::string const& created_by)
{
    if (!m_options.use_cache || m_cache_missed) {
        m_reason = m_options.use_cache ? "a step before it was made anew" : "the cache is switched off";
        return false;
    }
    auto const parent = m_image ? std::optional(m_image->id) : std::nullopt;
    auto found = m_workshop.made_before(parent, created_by);
    if (!found) {
        m_cache_missed = true; // what comes after stands on something new
        m_reason = "no earlier build did this on the same parent";
        return false;
    }
    say(" ---> Using cache\n");
    m_was_cached = true;
    m_reason = "an earlier build did the same on the same parent";
    if (auto const below = m_image ? m_image->config.diff_ids.size() : 0; found->config.diff_ids.size() > below) {
        auto const& diff_id = found->config.diff_ids.back();
        m_layer = image::MadeLayer { found->layers.back(), diff_id, m_workshop.size_of(diff_id).value_or(0) };
    }
    m_image = std::move(found);
    // Only what the images say: whether CMD stood in this Dockerfile stays known.
    m_config.config = m_image->config;
    return true;
}

Result<void> Builder::store(NewStep step)
{
    auto config = m_config.config;
    auto layers = m_image ? m_image->layers : std::vector<oci::Descriptor> {};
    config.created = rfc3339(m_workshop.now());
    config.history.push_back({ .created = config.created,
        .created_by = std::move(step.created_by),
        .comment = {},
        .empty_layer = !step.layer.has_value() });
    if (step.layer) {
        config.diff_ids.push_back(step.layer->diff_id);
        layers.push_back(step.layer->blob);
    }
    auto const parent = m_image ? std::optional(m_image->id) : std::nullopt;
    m_image = TRY(m_workshop.store(config, std::move(layers), parent));
    m_config.config = m_image->config;
    m_layer = std::move(step.layer);
    return {};
}

// ---- Config ----

// Docker makes a container for such a step too, which never starts. On an empty image there is nothing to make it of.
Result<void> Builder::run_nothing(std::string const& comment)
{
    auto const created_by = nop(comment);
    if (take_from_cache(created_by))
        return {};
    if (m_image) {
        auto command = m_config.shell();
        command.push_back("#(nop) " + comment);
        m_containers.push_back(TRY(m_workshop.container(*m_image, { std::move(command), {} })));
        say(fmt::format(" ---> Running in {}\n", m_containers.back()->id().short_form()));
    }
    return store({ created_by, std::nullopt });
}

Result<void> Builder::run_config(Instruction const& instruction)
{
    auto const comment = TRY(m_config.apply(instruction, m_escape, variables()));
    return run_nothing(comment);
}

Result<void> Builder::run_argument(Instruction const& instruction)
{
    TRY(want_words(instruction));
    std::string comment = "ARG";
    for (auto const& word : instruction.words) {
        auto const text = TRY(expanded(word));
        auto const equals = text.find('=');
        auto const name = text.substr(0, equals);
        if (name.empty())
            return fail(ErrorKind::InvalidInput, "ARG names can not be blank");
        m_arguments.declare(name, equals == std::string::npos ? std::nullopt : std::optional(text.substr(equals + 1)));
        comment += " " + text;
    }
    return run_nothing(comment);
}

// ---- WORKDIR ----

Result<void> Builder::run_workdir(Instruction const& instruction)
{
    TRY(allow_flags(instruction, {}));
    TRY(want_one_word(instruction));
    auto const word = TRY(expanded(instruction.words.front()));
    if (word.empty())
        return fail(ErrorKind::InvalidInput, "cannot normalize nothing");
    auto& directory = m_config.config.working_dir;
    directory = clean_absolute(word.starts_with('/') ? word : directory + "/" + word);
    auto const path = directory;
    auto const created_by
        = fmt::format("{} #(nop) WORKDIR {}", fmt::join(m_config.shell(), " "), path); // docker's one space
    if (take_from_cache(created_by))
        return {};
    auto const sheet = TRY(m_workshop.sheet(m_image));
    TRY_WITH("WORKDIR " + path, make_directories(sheet->root(), path));
    auto layer = TRY(sheet->commit());
    return store({ created_by, std::move(layer) });
}

// ---- RUN ----

// The shell form's text with its here-documents behind it: the shell reads them itself. RUN <<EOF alone is the script.
Result<std::string> Builder::command_text(Instruction const& instruction) const
{
    auto const& line = instruction.words.front();
    auto const& documents = instruction.heredocs;
    if (documents.empty())
        return line;
    if (documents.size() == 1 && split_blanks(line).size() == 1) {
        auto const& script = documents.front().content;
        if (script.starts_with("#!"))
            return fail(ErrorKind::NotSupported,
                "a heredoc that begins with #! requires BuildKit, which Drydock does not speak: name the interpreter, "
                "as in RUN python3 <<EOF");
        return script;
    }
    auto text = line + "\n";
    for (auto const& document : documents)
        text += document.content + document.name + "\n";
    return text;
}

// "|2 A=1 B=2 /bin/sh -c …": how docker keeps the build arguments of a RUN in its history, and so in the cache.
std::string Builder::with_arguments(std::vector<std::string> const& command) const
{
    std::vector<std::string> assignments;
    for (auto const& [name, value] : m_arguments.for_run()) {
        if (m_arguments.counts(name) && !m_config.env(name))
            assignments.push_back(name + "=" + value);
    }
    auto const text = fmt::format("{}", fmt::join(command, " "));
    return assignments.empty() ? text : fmt::format("|{} {} {}", assignments.size(), fmt::join(assignments, " "), text);
}

Result<void> Builder::run_command(Instruction const& instruction)
{
    TRY(allow_flags(instruction, {}));
    TRY(want_words(instruction));
    if (!m_image)
        return fail(ErrorKind::InvalidInput,
            "there is nothing to run in an image from scratch: COPY or ADD a program first, or begin FROM an image");
    auto command = instruction.words;
    if (!instruction.exec_form) {
        command = m_config.shell();
        command.push_back(TRY(command_text(instruction)));
    }
    auto const created_by = with_arguments(command);
    if (take_from_cache(created_by))
        return {};
    StepPlan plan { .command = command, .env = m_config.config.env };
    for (auto const& [name, value] : m_arguments.for_run()) {
        if (!m_config.env(name))
            plan.env.push_back(name + "=" + value);
    }
    m_containers.push_back(TRY(m_workshop.container(*m_image, plan)));
    auto& container = *m_containers.back();
    say(fmt::format(" ---> Running in {}\n", container.id().short_form()));
    auto const status = TRY(container.run([this](bool to_stderr, std::string_view bytes) {
        // Docker marks stderr in red.
        m_output(to_stderr ? "\x1b[91m" + std::string(bytes) + "\x1b[0m" : std::string(bytes));
    }));
    if (m_workshop.cancelled())
        return fail(ErrorKind::Cancelled, "context canceled");
    if (status != 0) {
        m_exit_code = status;
        return fail(ErrorKind::InvalidInput,
            fmt::format("The command '{}' returned a non-zero code: {}", fmt::join(command, " "), status));
    }
    auto layer = TRY(container.commit());
    return store({ created_by, std::move(layer) });
}

}
