#include "engine/build/ConfigEditor.h"

#include "engine/build/Copy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace drydock::build {

namespace {

tl::unexpected<Error> wrong(std::string message)
{
    return fail(ErrorKind::InvalidInput, std::move(message));
}

// Go's "1m30s", "100ms", "1.5h".
Result<Duration> parse_duration(std::string const& flag, std::string_view text)
{
    static constexpr std::array<std::pair<std::string_view, double>, 7> units { { { "ns", 1 }, { "us", 1e3 },
        { "µs", 1e3 }, { "ms", 1e6 }, { "s", 1e9 }, { "m", 60e9 }, { "h", 3600e9 } } };
    auto const invalid = [&] { return wrong("invalid duration \"" + std::string(text) + "\" of --" + flag); };
    double total = 0;
    auto rest = text;
    if (rest.empty())
        return invalid();
    while (!rest.empty()) {
        auto const end = std::min(rest.find_first_not_of("0123456789."), rest.size());
        double number = 0;
        auto const [stop, error] = std::from_chars(rest.data(), rest.data() + end, number);
        if (end == 0 || error != std::errc() || stop != rest.data() + end)
            return invalid();
        rest.remove_prefix(end);
        auto const letters = rest.substr(0, std::min(rest.find_first_of("0123456789."), rest.size()));
        auto const unit
            = std::find_if(units.begin(), units.end(), [&](auto const& each) { return each.first == letters; });
        if (unit == units.end() && !(letters.empty() && number == 0))
            return invalid();
        total += number * (unit == units.end() ? 0 : unit->second);
        rest.remove_prefix(letters.size());
    }
    if (total > 9e18)
        return invalid();
    if (total != 0 && total < 1e6)
        return wrong("Interval \"" + std::string(text) + "\" of --" + flag + " cannot be less than 1ms");
    return Duration(static_cast<std::int64_t>(total));
}

// As Go prints a duration: "1m30s", "0s".
std::string go_duration(Duration duration)
{
    auto const nanoseconds = duration.count();
    if (nanoseconds == 0)
        return "0s";
    if (nanoseconds < nanoseconds_per_second)
        return fmt::format("{}ms", static_cast<double>(nanoseconds) / 1e6);
    auto const seconds = nanoseconds / nanoseconds_per_second;
    auto const rest = static_cast<double>(nanoseconds % (60 * nanoseconds_per_second)) / 1e9;
    std::string text = seconds >= 3600 ? fmt::format("{}h", seconds / 3600) : "";
    if (seconds >= 60)
        text += fmt::format("{}m", seconds / 60 % 60);
    return text + fmt::format("{}s", rest);
}

bool is_port_number(std::string_view text)
{
    unsigned number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && number <= 65535;
}

// "80", "53/udp", "8000-8003": each port by itself.
Result<std::vector<std::string>> ports_of(std::string const& text)
{
    auto const slash = text.find('/');
    auto const protocol = slash == std::string::npos ? "tcp" : text.substr(slash + 1);
    auto const range = text.substr(0, slash);
    auto const dash = range.find('-');
    auto const first = range.substr(0, dash);
    auto const last = dash == std::string::npos ? first : range.substr(dash + 1);
    if (!is_port_number(first) || !is_port_number(last) || std::stoi(first) > std::stoi(last))
        return wrong("invalid containerPort: " + text);
    if (protocol != "tcp" && protocol != "udp" && protocol != "sctp")
        return wrong("invalid proto: " + protocol);
    std::vector<std::string> ports;
    for (int port = std::stoi(first); port <= std::stoi(last); ++port)
        ports.push_back(fmt::format("{}/{}", port, protocol));
    return ports;
}

template <class T> void add_once(std::vector<T>& list, T value)
{
    if (std::find(list.begin(), list.end(), value) == list.end())
        list.push_back(std::move(value));
}

constexpr std::array config_keywords { "ENV", "LABEL", "CMD", "ENTRYPOINT", "EXPOSE", "VOLUME", "USER", "STOPSIGNAL",
    "HEALTHCHECK", "SHELL", "ONBUILD", "MAINTAINER" };

}

Result<void> want_one_word(Instruction const& instruction)
{
    if (instruction.words.size() != 1)
        return wrong(instruction.keyword + " requires exactly one argument");
    return {};
}

Result<void> want_words(Instruction const& instruction)
{
    if (instruction.words.empty())
        return wrong(instruction.keyword + " requires at least one argument");
    return {};
}

std::optional<std::string> flag_of(Instruction const& instruction, std::string_view name)
{
    for (auto const& flag : instruction.flags) {
        auto const text = std::string_view(flag).substr(2);
        if (text == name)
            return "";
        if (text.starts_with(name) && text[name.size()] == '=')
            return std::string(text.substr(name.size() + 1));
    }
    return std::nullopt;
}

Result<void> allow_flags(Instruction const& instruction, std::initializer_list<std::string_view> names)
{
    for (auto const& flag : instruction.flags) {
        auto const name = flag.substr(2, flag.find('=') - 2);
        if (std::find(names.begin(), names.end(), name) != names.end())
            continue;
        static constexpr std::array buildkit { "mount", "network", "security", "link", "checksum", "keep-git-dir",
            "parents", "exclude" };
        if (std::find(buildkit.begin(), buildkit.end(), name) != buildkit.end())
            return fail(ErrorKind::NotSupported,
                "the --" + name + " option requires BuildKit, which Drydock does not speak: use the classic form");
        return wrong("unknown flag: --" + name);
    }
    return {};
}

bool ConfigEditor::knows(std::string const& keyword)
{
    return std::find(config_keywords.begin(), config_keywords.end(), keyword) != config_keywords.end();
}

std::vector<std::string> ConfigEditor::shell() const
{
    return config.shell.empty() ? std::vector<std::string> { "/bin/sh", "-c" } : config.shell;
}

std::vector<std::string> ConfigEditor::command_of(Instruction const& instruction) const
{
    if (instruction.exec_form || instruction.words.empty())
        return instruction.words;
    auto command = shell();
    command.push_back(instruction.words.front());
    return command;
}

std::optional<std::string> ConfigEditor::env(std::string const& name) const
{
    for (auto const& assignment : config.env) {
        if (assignment.starts_with(name) && assignment.size() > name.size() && assignment[name.size()] == '=')
            return assignment.substr(name.size() + 1);
    }
    return std::nullopt;
}

void ConfigEditor::set_env(std::string const& name, std::string const& value)
{
    for (auto& assignment : config.env) {
        if (assignment.substr(0, assignment.find('=')) == name) {
            assignment = name + "=" + value;
            return;
        }
    }
    config.env.push_back(name + "=" + value);
}

Result<std::string> ConfigEditor::apply(Instruction const& instruction, char escape, Variables const& variables)
{
    auto const& keyword = instruction.keyword;
    if (keyword != "HEALTHCHECK")
        TRY(allow_flags(instruction, {}));
    if (keyword == "ENV")
        return env(instruction, escape, variables);
    if (keyword == "LABEL")
        return label(instruction, escape, variables);
    if (keyword == "EXPOSE")
        return expose(instruction, escape, variables);
    if (keyword == "VOLUME")
        return volume(instruction, escape, variables);
    if (keyword == "HEALTHCHECK")
        return healthcheck(instruction);
    if (keyword == "ONBUILD")
        return on_build(instruction);
    if (keyword == "SHELL")
        return shell(instruction);
    if (keyword == "CMD") {
        config.cmd = command_of(instruction);
        m_command_is_ours = true;
        return "CMD " + quote_words(config.cmd);
    }
    if (keyword == "ENTRYPOINT") {
        config.entrypoint = command_of(instruction);
        if (!m_command_is_ours)
            config.cmd.clear(); // it was written for another program
        return "ENTRYPOINT " + quote_words(config.entrypoint);
    }
    TRY(want_one_word(instruction));
    auto const word = keyword == "MAINTAINER" ? instruction.words.front()
                                              : TRY(expand(instruction.words.front(), escape, variables));
    (keyword == "USER" ? config.user : keyword == "STOPSIGNAL" ? config.stop_signal : config.author) = word;
    return keyword + " " + word;
}

Result<std::string> ConfigEditor::env(Instruction const& instruction, char escape, Variables const& variables)
{
    TRY(want_words(instruction));
    std::vector<std::pair<std::string, std::string>> pairs; // all see the environment as it was before
    for (std::size_t i = 0; i + 1 < instruction.words.size(); i += 2) {
        auto name = TRY(expand(instruction.words[i], escape, variables));
        auto value = TRY(expand(instruction.words[i + 1], escape, variables));
        if (name.empty())
            return wrong("ENV names can not be blank");
        pairs.emplace_back(std::move(name), std::move(value));
    }
    std::string line = "ENV";
    for (auto const& [name, value] : pairs) {
        set_env(name, value);
        line += " " + name + "=" + value;
    }
    return line;
}

Result<std::string> ConfigEditor::label(Instruction const& instruction, char escape, Variables const& variables)
{
    TRY(want_words(instruction));
    std::string line = "LABEL";
    for (std::size_t i = 0; i + 1 < instruction.words.size(); i += 2) {
        auto const name = TRY(expand(instruction.words[i], escape, variables));
        auto const value = TRY(expand(instruction.words[i + 1], escape, variables));
        if (name.empty())
            return wrong("LABEL names can not be blank");
        config.labels[name] = value;
        line += " " + name + "=" + value;
    }
    return line;
}

Result<std::string> ConfigEditor::expose(Instruction const& instruction, char escape, Variables const& variables)
{
    TRY(want_words(instruction));
    std::vector<std::string> words;
    for (auto const& word : instruction.words) {
        for (auto& each : TRY(expand_to_words(word, escape, variables)))
            words.push_back(std::move(each));
    }
    for (auto const& word : words) {
        for (auto& port : TRY(ports_of(word)))
            add_once(config.exposed_ports, std::move(port));
    }
    std::sort(words.begin(), words.end());
    return fmt::format("EXPOSE {}", fmt::join(words, " "));
}

Result<std::string> ConfigEditor::volume(Instruction const& instruction, char escape, Variables const& variables)
{
    TRY(want_words(instruction));
    std::vector<std::string> volumes;
    for (auto const& word : instruction.words) {
        for (auto& each : TRY(expand_to_words(word, escape, variables)))
            volumes.push_back(std::move(each));
    }
    for (auto const& each : volumes) {
        if (each.empty())
            return wrong("VOLUME specified can not be an empty string");
        add_once(config.volumes, each);
    }
    return fmt::format("VOLUME [{}]", fmt::join(volumes, " "));
}

Result<std::string> ConfigEditor::healthcheck(Instruction const& instruction)
{
    TRY(allow_flags(instruction, { "interval", "timeout", "start-period", "start-interval", "retries" }));
    TRY(want_words(instruction));
    auto const& words = instruction.words;
    oci::Healthcheck check;
    if (words.front() == "NONE") {
        if (words.size() > 1 || !instruction.flags.empty())
            return wrong("HEALTHCHECK NONE takes no arguments");
        check.test = { "NONE" };
    } else if (words.front() == "CMD") {
        if (words.size() < 2)
            return wrong("Missing command after HEALTHCHECK CMD");
        check.test.assign(words.begin(), words.end());
        if (!instruction.exec_form)
            check.test.front() = "CMD-SHELL";
    } else {
        return wrong("Unknown type \"" + words.front() + "\" in HEALTHCHECK (try CMD)");
    }
    for (auto const& [name, field] : { std::pair("interval", &check.interval), std::pair("timeout", &check.timeout),
             std::pair("start-period", &check.start_period), std::pair("start-interval", &check.start_interval) }) {
        if (auto const text = flag_of(instruction, name))
            *field = TRY(parse_duration(name, *text));
    }
    if (auto const text = flag_of(instruction, "retries")) {
        auto const [end, error] = std::from_chars(text->data(), text->data() + text->size(), check.retries);
        if (error != std::errc() || end != text->data() + text->size() || check.retries < 0 || check.retries > 1000)
            return wrong("--retries must be at least 0 and at most 1000, not \"" + *text + "\"");
    }
    config.healthcheck = check;
    return fmt::format(R"(HEALTHCHECK &{{{} "{}" "{}" "{}" "{}" '\x{:02x}'}})", quote_words(check.test),
        go_duration(check.interval), go_duration(check.timeout), go_duration(check.start_period),
        go_duration(check.start_interval), check.retries);
}

Result<std::string> ConfigEditor::on_build(Instruction const& instruction)
{
    TRY(want_one_word(instruction));
    auto const& trigger = instruction.words.front();
    auto const parsed = TRY(parse_instruction(trigger));
    if (parsed.keyword == "ONBUILD")
        return wrong("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
    if (parsed.keyword == "FROM" || parsed.keyword == "MAINTAINER")
        return wrong(parsed.keyword + " isn't allowed as an ONBUILD trigger");
    if (!parsed.heredocs.empty())
        return fail(ErrorKind::NotSupported, "a heredoc cannot be kept as an ONBUILD trigger");
    config.on_build.push_back(trigger);
    return "ONBUILD " + trigger;
}

Result<std::string> ConfigEditor::shell(Instruction const& instruction)
{
    TRY(want_words(instruction));
    if (!instruction.exec_form)
        return wrong("SHELL requires the arguments to be in JSON form");
    config.shell = instruction.words;
    return fmt::format("SHELL [{}]", fmt::join(config.shell, " "));
}

Result<void> apply_change(std::string const& line, oci::ImageConfig& config)
{
    static constexpr std::array allowed { "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "ONBUILD",
        "STOPSIGNAL", "USER", "VOLUME", "WORKDIR" };
    auto const instruction = TRY(parse_instruction(line));
    if (std::find(allowed.begin(), allowed.end(), instruction.keyword) == allowed.end())
        return wrong(instruction.keyword + " is not a valid change command");
    ConfigEditor editor(config);
    auto const variables = [&](std::string const& name) { return editor.env(name); };
    if (instruction.keyword == "WORKDIR") {
        TRY(want_one_word(instruction));
        auto const path = TRY(expand(instruction.words.front(), '\\', variables));
        editor.config.working_dir
            = clean_absolute(path.starts_with('/') ? path : editor.config.working_dir + "/" + path);
    } else {
        TRY(editor.apply(instruction, '\\', variables));
    }
    config = std::move(editor.config);
    return {};
}

}
