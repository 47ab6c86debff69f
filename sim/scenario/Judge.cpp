#include "sim/scenario/Player.h"
#include "sim/scenario/Vocabulary.h"

#include <fmt/format.h>

#include <algorithm>

namespace drydock::scenario {

namespace {

// Adds up one number over the events of type E that were published from `since` on.
template <class E, class F> std::uint64_t sum(trace::EventLog const& log, std::uint64_t since, F value)
{
    std::uint64_t total = 0;
    for (auto i = since; i < log.size(); ++i) {
        if (auto const* event = log[i].event.get_if<E>())
            total += static_cast<std::uint64_t>(value(*event));
    }
    return total;
}

std::string on_host(std::string const& name)
{
    return name.empty() ? "" : " on " + name;
}

template <class E> std::uint64_t count(trace::EventLog const& log, std::uint64_t since)
{
    return sum<E>(log, since, [](E const&) { return 1; });
}

}

void Judge::catch_up()
{
    auto const& log = m_engine.log();
    for (auto i = m_world.applied; i < log.size(); ++i) {
        auto const& event = log[i].event;
        ++m_seen[std::string(trace::name_of(event))];
        if (auto const* tagged = event.get_if<trace::ImageTagged>())
            m_first_tagged.try_emplace(tagged->reference, tagged->image);
        if (auto const* output = event.get_if<trace::OutputWritten>())
            m_printed.emplace_back(output->container, output->text);
        world::apply(m_world, log[i]);
    }
}

Verdict Judge::judge(Goal const& goal)
{
    catch_up();
    for (auto const& predicate : goal.all) {
        if (auto reason = why_not(predicate); !reason.empty())
            return { false, std::move(reason) };
    }
    return { true, {} };
}

std::string Judge::measure(Measure measure, std::uint64_t since)
{
    catch_up();
    auto const& log = m_engine.log();
    auto const number = [](std::uint64_t value) { return std::to_string(value); };
    switch (measure) {
    case Measure::BytesCopiedUp:
        return number(sum<trace::FileCopiedUp>(log, since, [](auto const& e) { return e.bytes; }));
    case Measure::FilesCopiedUp: // a directory is lifted along with its first file, but has no bytes to copy
        return number(sum<trace::FileCopiedUp>(log, since, [](auto const& e) { return e.bytes > 0 ? 1U : 0U; }));
    case Measure::Whiteouts: return number(count<trace::WhiteoutMade>(log, since));
    case Measure::LayersTransferred:
        return number(count<trace::LayerIndexed>(log, since)
            + sum<trace::BlobTransferStarted>(
                log, since, [&](auto const& e) { return is_registry(e.to) && is_layer(e.digest) ? 1U : 0U; }));
    case Measure::LayersSkipped: return number(count<trace::BlobSkipped>(log, since));
    case Measure::BytesTransferred:
        return number(sum<trace::BlobStored>(log, since, [](auto const& e) { return e.size; }));
    case Measure::NamespacesCreated: return number(count<trace::NamespaceCreated>(log, since));
    case Measure::ContainersLeft:
        return number(static_cast<std::uint64_t>(std::count_if(m_world.containers.begin(), m_world.containers.end(),
            [](auto const& item) { return item.second.state != world::ContainerState::Removed; })));
    case Measure::ExitCode: break;
    }
    for (auto i = log.size(); i > since; --i) {
        if (auto const* exited = log[i - 1].event.get_if<trace::ContainerExited>())
            return std::to_string(exited->exit_code);
    }
    return "none";
}

bool Judge::is_registry(ActorId const& id) const
{
    auto const actor = m_world.actors.find(id);
    return actor != m_world.actors.end() && actor->second.role == trace::ActorRole::Registry;
}

bool Judge::is_layer(oci::Digest const& blob) const
{
    return std::any_of(m_world.hosts.begin(), m_world.hosts.end(), [&](auto const& host) {
        auto const& layers = host.second.layers;
        return std::any_of(layers.begin(), layers.end(), [&](auto const& layer) { return layer.second.blob == blob; });
    });
}

std::string Judge::why_not(Predicate const& predicate)
{
    return std::visit([this](auto const& p) { return why_not(p); }, predicate);
}

world::Container const* Judge::present(std::string const& name, std::string const& on) const
{
    auto const* container = world::find_container(m_world, m_engine.host_called(on), name);
    return container != nullptr && container->state != world::ContainerState::Removed ? container : nullptr;
}

std::string Judge::why_not(ContainerIs const& wanted)
{
    auto const* container = present(wanted.name, wanted.on);
    if (wanted.exists == false)
        return container == nullptr
            ? ""
            : fmt::format("container {} is still there ({})", wanted.name, name_of(container->state));
    if (container == nullptr)
        return fmt::format("there is no container {}{}", wanted.name, on_host(wanted.on));
    if (wanted.state && *wanted.state != name_of(container->state))
        return fmt::format("container {} is {}, not {}", wanted.name, name_of(container->state), *wanted.state);
    if (wanted.exit_code && wanted.exit_code != container->exit_code)
        return container->exit_code
            ? fmt::format("container {} exited with {}, not {}", wanted.name, *container->exit_code, *wanted.exit_code)
            : fmt::format("container {} has not exited", wanted.name);
    if (wanted.image && *wanted.image != container->reference)
        return fmt::format("container {} runs {}, not {}", wanted.name, container->reference, *wanted.image);
    return {};
}

std::string Judge::why_not(ContainerPrinted const& wanted)
{
    // One line may arrive in several writes, so the text is looked for in all that a container wrote.
    std::map<ContainerId, std::string> outputs;
    for (auto const& [container, text] : m_printed)
        outputs[container] += text;
    for (auto const& [container, text] : outputs) {
        if (text.find(wanted.text) != std::string::npos)
            return {};
    }
    return fmt::format("no container has printed \"{}\"", wanted.text);
}

std::string Judge::why_not(ImageIs const& wanted)
{
    auto const* image = world::find_image(world::host_of(m_world, m_engine.host_called(wanted.on)), wanted.reference);
    if (wanted.exists == false)
        return image == nullptr ? "" : fmt::format("image {} is still there", wanted.reference);
    if (image == nullptr)
        return fmt::format("there is no image {}{}", wanted.reference, on_host(wanted.on));
    auto const layers = static_cast<std::int64_t>(image->layers.size());
    if (wanted.layers && *wanted.layers != layers)
        return fmt::format("image {} has {} layers, not {}", wanted.reference, layers, *wanted.layers);
    auto const first = m_first_tagged.find(wanted.reference);
    if (wanted.digest_unchanged && first != m_first_tagged.end() && first->second != image->id)
        return fmt::format(
            "image {} is {} now and was {}", wanted.reference, image->id.short_form(), first->second.short_form());
    if (!wanted.same_on.empty()) {
        auto const* other
            = world::find_image(world::host_of(m_world, m_engine.host_called(wanted.same_on)), wanted.reference);
        if (other == nullptr)
            return fmt::format("there is no image {}{}", wanted.reference, on_host(wanted.same_on));
        if (other->id != image->id)
            return fmt::format("image {} is {}{}, and {}{}", wanted.reference, image->id.short_form(),
                on_host(wanted.on), other->id.short_form(), on_host(wanted.same_on));
    }
    return {};
}

std::string Judge::why_not(SheetHas const& wanted)
{
    auto const* container = present(wanted.container, wanted.on);
    if (container == nullptr)
        return fmt::format("there is no container {}{}", wanted.container, on_host(wanted.on));
    auto const entry = container->sheet.find(wanted.path);
    auto const observed = entry == container->sheet.end() ? std::string_view("absent") : name_of(entry->second.mark);
    if (observed == wanted.mark)
        return {};
    return fmt::format(
        "in the read-write layer of {}, {} is {}, not {}", wanted.container, wanted.path, observed, wanted.mark);
}

std::string Judge::why_not(FileIs const& wanted)
{
    auto const content = m_engine.read_file(m_engine.host_called(wanted.on), wanted.container, wanted.path);
    if (!content && content.error().kind() != ErrorKind::NotFound)
        return fmt::format("{} in {} cannot be read: {}", wanted.path, wanted.container, content.error().message());
    if (wanted.absent.value_or(false) != !content.has_value())
        return fmt::format("{} is {} in {}", wanted.path, content ? "still there" : "not there", wanted.container);
    if (wanted.contains && content && content->find(*wanted.contains) == std::string::npos)
        return fmt::format("{} in {} says \"{}\", without \"{}\"", wanted.path, wanted.container,
            content->substr(0, 60), *wanted.contains);
    return {};
}

std::string Judge::why_not(RegistryHas const& wanted)
{
    for (auto const& [id, registry] : m_world.registries) {
        if (registry.pushed.contains(wanted.reference))
            return {};
    }
    return fmt::format("nobody has pushed {}", wanted.reference);
}

std::string Judge::why_not(EventSeen const& wanted)
{
    auto const found = m_seen.find(wanted.event);
    auto const seen = found == m_seen.end() ? 0 : found->second;
    if (seen >= wanted.at_least)
        return {};
    return fmt::format("{} happened {} times, not {}", wanted.event, seen, wanted.at_least);
}

}
