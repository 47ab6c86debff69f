#include "sim/words/Told.h"

#include "sim/words/Language.h"

#include <fmt/args.h>

#include <array>
#include <optional>
#include <vector>

namespace drydock::words {

namespace {

constexpr std::array sentences {
    // sim/scenario/Judge.cpp: why a goal is not met
    key("container {} is still there ({})"),
    key("there is no container {} on {}"),
    key("there is no container {}"),
    key("container {} is {}, not {}"),
    key("container {} exited with {}, not {}"),
    key("container {} has not exited"),
    key("container {} runs {}, not {}"),
    key("no container has printed \"{}\""),
    key("image {} is still there"),
    key("there is no image {} on {}"),
    key("there is no image {}"),
    key("image {} has {} layers, not {}"),
    key("image {} is {} now and was {}"),
    key("image {} is {} on {}, and {} on {}"),
    key("image {} is {}, and {} on {}"),
    key("in the read-write layer of {}, {} is {}, not {}"),
    key("{} in {} cannot be read: {}"),
    key("{} is still there in {}"),
    key("{} is not there in {}"),
    key("{} in {} says \"{}\", without \"{}\""),
    key("nobody has pushed {}"),
    key("{} happened {} times, not {}"),
    key("{} of {} on {} is \"{}\", {}"),
    key("{} of {} is \"{}\", {}"),
    key("not \"{}\""),
    key("without \"{}\""),
    key("with \"{}\""),
    key("no number"),
    key("less than {}"),
    key("more than {}"),
    key("what the daemon says of {} is no JSON"),
    key("nobody has told what layer {} of {} has"),
    key("layer {} of {} still has {}"),
    key("no command on {} has printed \"{}\""),
    key("no command has printed \"{}\""),
    key("{} guest machines run, not {}"),
    // what to take care of
    key("no {} on {}: {}"),
    key("resource limit {} stays as it is: not permitted"),
    key("{} of the image cannot be replaced: {}"),
    key("containers may make no devices here (CAP_MKNOD): {}"),
    key("memory, processes or processors of containers cannot be limited here"),
    key("the log of container {} lost a line: {}"),
    key("what a program wrote into its container was not seen: {}"),
    key("this moment cannot be gone back to: {}"),
    key("whoever reaches this port is root on this machine: the API is served without encryption and without asking "
        "who is there"),
    // why the world is the simulated one, and what to do about it
    key("Simulated, because the machine could not be tried out: {}"),
    key("Simulated, because several hosts, or a firewall, need root in the live world"),
    key("Simulated: the live world needs {}, which this machine does not give you. Lessons are the same. To change "
        "that: {}"),
    key("user namespaces"),
    key("drydock doctor says what to do about it"),
    key("as root: sysctl -w user.max_user_namespaces=15000, and where they exist kernel.unprivileged_userns_clone=1 "
        "and "
        "kernel.apparmor_restrict_unprivileged_userns=0; or run as root"),
    key("needs Linux 5.11 for ordinary users and the module: modprobe overlay; else use the fuse storage driver"),
    // where the comparison's figures come from: sim/machine, engine/compare
    key("model: {}"),
    key("model: {}; {} of its numbers unverified"),
    key("{}, without the reserve, by N = 100"),
    key("reserve + N x (monitor + guest + app + hot part of the image) - (N - 1) x what guests share"),
    key("reserve + engine + images x hot part + N x (guest + instance + app)"),
    key("N x image"),
    key("images x image + N x what each writes"),
    key("the most that fit, until memory runs out"),
    key("the most that fit, until disk runs out"),
    key("the most that fit, until processor runs out"),
    key("phases one after another, each the slowest of latency, processor and disk"),
    key("what its phases read from disk"),
    key("the host's kernel serves it"),
    key("the host's, and one in user space"),
    key("the host's, and one of its own"),
    key("cycles of an exit / clock"),
    key("3 x app"),
    key("compute x min(1, cores / busy instances)"),
    key("random accesses, of bare metal's"),
    key("a round trip, less bare metal's"),
    key("hosts x ({})"),
    key("hosts x ({}) / uplink"),
    key("manifest and config + the changed layer and all above it"),
    key("image"),
    key("compressed image"),
    key("compressed image x the part that differs"),
    key("{} that idle: memory of all processes, shared pages in parts, by {}"),
    key("{} that idle: growth of the host's slab, kernel stacks and page tables, by {}"),
    key("files that are one instance's own; the tree is mounted read-only, a guest's root lies in its memory"),
    key("drydock-yardstick calls, inside"),
    key("our monitor within this process: no program is loaded, so it is no start like the others"),
    key("a loop of OUT instructions in ring 0, by their number"),
    key("gzip layer of the changed file, manifest, config"),
    key("root filesystem, without a kernel: there is none here"),
    key("kernel and root filesystem"),
    key("the same, gzip"),
    key("4 KiB blocks that differ at the same place, gzip; the best case: the new line is as long as the old one"),
    // why there is no film
    key("{} is not installed; films need it (package ffmpeg), single pictures do not"),
    key("a film's name ends in .mp4, .gif or .webm, not in \"{}\""),
    key("\"{}\" ends in none of .png, .gif, .mp4, .webm, .html; a storyboard's directory has no ending"),
    key("nothing has happened yet, so there is nothing to export"),
    key("the encoder ended before the film did"),
    key("writing {}: {}"),
    key("starting {}: {}"),
    key("{} made no film of it: {}"),
};

// What stands in the places of {}; nothing where the text is not that sentence.
std::optional<std::vector<std::string_view>> values_in(std::string_view text, std::string_view sentence)
{
    std::vector<std::string_view> values;
    auto place = sentence.find("{}");
    if (!text.starts_with(sentence.substr(0, place)))
        return std::nullopt;
    text.remove_prefix(std::min(place, sentence.size()));
    while (place != std::string_view::npos) {
        sentence.remove_prefix(place + 2);
        place = sentence.find("{}");
        auto const words = sentence.substr(0, place);
        auto end = place == std::string_view::npos && words.empty() ? text.size() : text.find(words);
        // The last words have to end the text, so that a name may contain them.
        if (place == std::string_view::npos && !words.empty())
            end = text.ends_with(words) ? text.size() - words.size() : std::string_view::npos;
        if (end == std::string_view::npos)
            return std::nullopt;
        values.push_back(text.substr(0, end));
        text.remove_prefix(end + words.size());
    }
    return text.empty() ? std::optional(std::move(values)) : std::nullopt;
}

}

std::span<std::string_view const> told_sentences()
{
    return sentences;
}

std::string told(std::string_view english)
{
    if (language() == "en")
        return std::string(english);
    std::string_view best;
    std::vector<std::string_view> values;
    auto const fixed_letters
        = [](std::string_view sentence, std::size_t places) { return sentence.size() - 2 * places; };
    for (auto const sentence : sentences) {
        auto found = values_in(english, sentence);
        if (!found || (!best.empty() && fixed_letters(sentence, found->size()) <= fixed_letters(best, values.size())))
            continue;
        best = sentence;
        values = std::move(*found);
    }
    if (best.empty())
        return std::string(english);
    // A sentence has letters of its own, so each value is shorter than the text and this ends.
    fmt::dynamic_format_arg_store<fmt::format_context> arguments;
    for (auto const value : values)
        arguments.push_back(told(value));
    auto const pattern = tr(best);
    return fmt::vformat(fmt::string_view(pattern.data(), pattern.size()), arguments);
}

}
