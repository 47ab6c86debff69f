// COPY and ADD.

#include "engine/build/Builder.h"
#include "engine/layer/TarWriter.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace drydock::build {

namespace {

bool is_url(std::string const& text)
{
    return text.starts_with("http://") || text.starts_with("https://") || text.starts_with("ftp://")
        || text.starts_with("git@") || text.starts_with("git://");
}

// What the first bytes unpack to, as far as they go.
std::string beginning_of_content(std::string_view bytes)
{
    constexpr std::size_t enough = 512;
    std::string content;
    auto const decompressor = layer::make_decompressor_for(bytes);
    (void)decompressor->write(bytes, [&](std::string_view piece) -> Result<void> {
        content += piece.substr(0, enough - std::min(content.size(), enough));
        return content.size() < enough ? Result<void>() : fail(ErrorKind::Cancelled, "enough");
    });
    return content;
}

Result<std::optional<std::uint32_t>> mode_of(Instruction const& instruction)
{
    auto const text = flag_of(instruction, "chmod");
    if (!text)
        return std::nullopt;
    std::uint32_t mode = 0;
    auto const [end, error] = std::from_chars(text->data(), text->data() + text->size(), mode, 8);
    if (text->empty() || error != std::errc() || end != text->data() + text->size() || mode > 07777)
        return fail(ErrorKind::InvalidInput, "invalid chmod parameter: '" + *text + "'. it should be octal string");
    return mode;
}

}

Result<void> Builder::run_copy(Instruction const& instruction)
{
    auto const failed
        = [&](Error const& error) { return fail(error.kind(), instruction.keyword + " failed: " + error.message()); };
    TRY(allow_flags(instruction, { "from", "chown", "chmod" }));
    auto plan = plan_copy(instruction);
    if (!plan)
        return failed(plan.error());
    auto const sum = checksum(plan->sources);
    if (!sum)
        return failed(sum.error());
    auto const flags = (plan->owner.empty() ? "" : "--chown=" + plan->owner + " ")
        + (plan->mode ? fmt::format("--chmod={:o} ", *plan->mode) : "");
    auto const created_by = nop(fmt::format("{} {}{} in {} ", instruction.keyword, flags, *sum, plan->destination));
    bool const was_missed = m_cache_missed;
    if (take_from_cache(created_by))
        return {};
    if (!was_missed && m_cache_missed)
        blame_file(*plan, nop(instruction.keyword + " " + flags));
    auto const sheet = TRY(m_workshop.sheet(m_image));
    CopyOptions options { .owner = {}, .mode = plan->mode };
    if (!plan->owner.empty()) {
        auto const owner = find_owner(sheet->root(), plan->owner);
        if (!owner)
            return failed(owner.error());
        options.owner = *owner;
    }
    for (auto const& source : plan->sources) {
        auto const copied = copy_one(source, *plan, options, instruction.keyword == "ADD", sheet->root());
        if (!copied)
            return failed(copied.error());
    }
    auto layer = TRY(sheet->commit());
    return store({ created_by, std::move(layer) });
}

// The step was not in the cache, but an earlier build copied something to the same place on the same parent: the first
// file that differs is why. It is told, not acted upon, so what cannot be compared is passed over.
void Builder::blame_file(CopyPlan const& plan, std::string const& history_begin)
{
    auto const earlier = m_workshop.made_from(m_image ? std::optional(m_image->id) : std::nullopt);
    auto const did_this = [&](image::Image const& image) {
        auto const& line = image.config.history.back().created_by;
        return line.starts_with(history_begin) && line.ends_with(" in " + plan.destination + " ");
    };
    auto const found = std::find_if(earlier.begin(), earlier.end(), did_this);
    if (found == earlier.end())
        return;
    m_reason = "it copies other files than the earlier build";
    auto const files = m_workshop.files_of(*found);
    if (!files)
        return;
    for (auto const& source : plan.sources) {
        auto const target = source.is_directory ? plan.destination : place_of(source, plan, **files);
        if (auto const path = first_difference(source, **files, target); path && m_changed.empty())
            m_changed = *path;
    }
}

Result<Builder::CopyPlan> Builder::plan_copy(Instruction const& instruction)
{
    CopyPlan plan;
    std::vector<std::string> words;
    for (auto const& word : instruction.words)
        words.push_back(
            instruction.heredocs.empty() || word.find("<<") == std::string::npos ? TRY(expanded(word)) : word);
    if (words.size() < 2)
        return fail(ErrorKind::InvalidInput,
            instruction.keyword
                + " requires at least two arguments, but only one was provided. Destination could not "
                  "be determined.");
    auto const target = words.back();
    words.pop_back();
    plan.mode = TRY(mode_of(instruction));
    plan.owner = TRY(expanded(flag_of(instruction, "chown").value_or("")));
    TRY(plan_sources(instruction, words, plan));
    if (plan.sources.size() > 1 && !target.ends_with('/'))
        return fail(ErrorKind::InvalidInput,
            "When using " + instruction.keyword
                + " with more than one source file, the destination must be a directory and end with a /");
    auto const& directory = m_config.config.working_dir;
    auto const absolute = target.starts_with('/') ? target : (directory.empty() ? "" : directory) + "/" + target;
    plan.destination = clean_absolute(absolute);
    bool const names_directory = target.ends_with('/') || target == "." || target.ends_with("/.");
    if (names_directory && plan.destination != "/")
        plan.destination += "/";
    return plan;
}

Result<void> Builder::plan_sources(
    Instruction const& instruction, std::vector<std::string> const& names, CopyPlan& plan)
{
    auto const* const tree = TRY(source_tree(instruction, plan));
    bool const from_context = tree == &m_context.files();
    std::size_t document = 0;
    for (auto const& name : names) {
        if (!instruction.heredocs.empty() && name.find("<<") != std::string::npos
            && document < instruction.heredocs.size()) {
            TRY(add_heredoc(instruction.heredocs[document++], plan));
            continue;
        }
        if (is_url(name))
            return fail(ErrorKind::NotSupported,
                instruction.keyword == "ADD" ? "downloading " + name
                        + " is not supported: a build reaches no network here. Put the file into the build context"
                                             : "source can't be a URL for COPY");
        auto found = find_sources(*tree, name);
        if (!found && found.error().kind() == ErrorKind::NotFound && from_context
            && found.error().message().starts_with("stat "))
            return fail(ErrorKind::NotFound,
                "file not found in build context or excluded by .dockerignore: " + found.error().message());
        if (!found)
            return fail(found.error());
        plan.sources.insert(plan.sources.end(), found->begin(), found->end());
    }
    return {};
}

// The build context, an earlier stage, or any image.
Result<unionfs::UnionMount const*> Builder::source_tree(Instruction const& instruction, CopyPlan& plan)
{
    auto const from = flag_of(instruction, "from");
    if (!from || from->empty())
        return &m_context.files();
    if (instruction.keyword == "ADD")
        return fail(ErrorKind::InvalidInput, "unknown flag: --from");
    for (std::size_t i = 0; i < m_stages.size(); ++i) {
        if (!m_stages[i].image)
            break; // this stage and those after it
        if (m_stages[i].name != *from && std::to_string(i) != *from)
            continue;
        plan.other_image = TRY(m_workshop.files_of(*m_stages[i].image));
        return plan.other_image.get();
    }
    if (from->find_first_not_of("0123456789") == std::string::npos)
        return fail(
            ErrorKind::InvalidInput, "invalid from flag value " + *from + ": refers to a stage that is not built yet");
    auto const image = TRY_WITH("invalid from flag value " + *from, m_workshop.base(*from));
    plan.other_image = TRY(m_workshop.files_of(image));
    return plan.other_image.get();
}

Result<void> Builder::add_heredoc(Heredoc const& heredoc, CopyPlan& plan)
{
    auto content = heredoc.content;
    if (heredoc.expands) {
        // Quotes are ordinary characters in a file; only variables are replaced, as in a quoted word.
        std::string quoted = "\"";
        for (char const c : content)
            quoted += c == '"' ? std::string { m_escape, '"' } : std::string(1, c);
        content = TRY(expanded(quoted + "\""));
    }
    layer::Entry file;
    file.path = heredoc.name;
    file.size = content.size();
    layer::MemoryTar tar;
    tar.add(file, content);
    TarTreeWriter writer(m_workshop.storage(), m_workshop.scratch_key());
    TRY(writer.write(tar.finish()));
    auto tree = TRY(writer.finish());
    plan.sources.push_back({ &tree->files(), "/" + heredoc.name, heredoc.name, false });
    plan.inline_files.push_back(std::move(tree));
    return {};
}

// ADD unpacks an archive; null where the file is none.
Result<std::unique_ptr<TarTree>> Builder::open_archive(Source const& source)
{
    std::string buffer(std::size_t { 256 } * 1024, '\0');
    auto const size = TRY(source.tree->read(source.path, 0, buffer));
    auto const beginning = std::string_view(buffer).substr(0, size);
    if (!looks_like_tar(beginning_of_content(beginning)))
        return nullptr; // a file like any other, compressed or not
    TarTreeWriter writer(m_workshop.storage(), m_workshop.scratch_key());
    std::uint64_t offset = 0;
    for (auto count = size; count > 0; count = TRY(source.tree->read(source.path, offset, buffer))) {
        TRY(writer.write(std::string_view(buffer).substr(0, count)));
        offset += count;
    }
    return writer.finish();
}

Result<void> Builder::copy_one(
    Source const& source, CopyPlan const& plan, CopyOptions options, bool unpack, unionfs::UnionMount& to)
{
    if (source.is_directory)
        return copy_into(source, to, plan.destination, options);
    if (unpack) {
        auto const archive = TRY_WITH("unpacking " + source.name, open_archive(source));
        if (archive != nullptr) {
            options.keep_owner = true;
            return copy_into({ &archive->files(), "/", "", true }, to, plan.destination, options);
        }
    }
    return copy_into(source, to, place_of(source, plan, to), options);
}

std::string Builder::place_of(Source const& source, CopyPlan const& plan, unionfs::UnionMount const& to)
{
    bool const into_directory = plan.destination.ends_with('/') || is_directory(to, plan.destination);
    return into_directory ? plan.destination + "/" + source.name : plan.destination;
}

}
