#include "sim/scenario/Measures.h"
#include "sim/scenario/Vocabulary.h"

#include <fmt/format.h>

#include <algorithm>

namespace drydock::scenario {

namespace {

// What is said here is said in other languages by sim/words/Told.h.
std::string on_host(std::string const& name)
{
    return name.empty() ? "" : " on " + name;
}

}

void Judge::catch_up()
{
    auto const& log = m_engine.log();
    for (auto i = m_world.applied; i < log.size(); ++i) {
        auto const& event = log[i].event;
        if (auto const* tagged = event.get_if<trace::ImageTagged>())
            m_first_tagged.try_emplace(tagged->reference, tagged->image);
        if (auto const* output = event.get_if<trace::OutputWritten>())
            m_printed.emplace_back(output->container, output->text);
        if (auto const* printed = event.get_if<trace::CommandPrinted>())
            m_typed_output[log[i].origin->host] += printed->text;
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
        return content ? fmt::format("{} is still there in {}", wanted.path, wanted.container)
                       : fmt::format("{} is not there in {}", wanted.path, wanted.container);
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
    auto const seen = static_cast<std::int64_t>(count_like(m_engine.log(), 0, wanted.like));
    if (seen >= wanted.at_least && seen <= wanted.at_most.value_or(seen))
        return {};
    return fmt::format("{} happened {} times, not {}", described(wanted.like), seen,
        seen < wanted.at_least ? wanted.at_least : *wanted.at_most);
}

std::string Judge::why_not(FieldIs const& wanted)
{
    auto const read = read_field(wanted.field);
    if (!read)
        return read.error().message();
    auto const unlike = [&](std::string_view what) {
        return fmt::format("{} of {}{} is \"{}\", {}", wanted.field.path, wanted.field.object, on_host(wanted.field.on),
            read->substr(0, 80), what);
    };
    if (wanted.equals && *read != *wanted.equals)
        return unlike(fmt::format("not \"{}\"", *wanted.equals));
    if (wanted.contains && read->find(*wanted.contains) == std::string::npos)
        return unlike(fmt::format("without \"{}\"", *wanted.contains));
    if (wanted.lacks && read->find(*wanted.lacks) != std::string::npos)
        return unlike(fmt::format("with \"{}\"", *wanted.lacks));
    if (!wanted.at_least && !wanted.at_most)
        return {};
    auto const number = number_of(*read);
    if (!number)
        return unlike("no number");
    if (*number < wanted.at_least.value_or(*number))
        return unlike(fmt::format("less than {}", *wanted.at_least));
    if (*number > wanted.at_most.value_or(*number))
        return unlike(fmt::format("more than {}", *wanted.at_most));
    return {};
}

std::string Judge::why_not(LayersHide const& wanted)
{
    auto const& host = world::host_of(m_world, m_engine.host_called(wanted.on));
    auto const* image = world::find_image(host, wanted.reference);
    if (image == nullptr)
        return fmt::format("there is no image {}{}", wanted.reference, on_host(wanted.on));
    auto const& log = m_engine.log();
    for (std::size_t i = 0; i < image->layers.size(); ++i) {
        auto const layer = host.layers.find(image->layers[i]);
        if (layer == host.layers.end() || !layer->second.listed)
            return fmt::format("nobody has told what layer {} of {} has", i + 1, wanted.reference);
        auto const* listed = log[*layer->second.listed].event.get_if<trace::LayerListed>();
        for (auto const& member : listed == nullptr ? std::vector<trace::LayerMember>() : listed->members) {
            if (member.path == wanted.path && member.type != "whiteout")
                return fmt::format("layer {} of {} still has {}", i + 1, wanted.reference, wanted.path);
        }
    }
    return {};
}

std::string Judge::why_not(CommandPrinted const& wanted)
{
    for (auto const& [host, text] : m_typed_output) {
        if ((wanted.on.empty() || host == m_engine.host_called(wanted.on))
            && text.find(wanted.text) != std::string::npos)
            return {};
    }
    return fmt::format("no command{} has printed \"{}\"", on_host(wanted.on), wanted.text);
}

std::string Judge::why_not(MachinesRun const& wanted)
{
    auto const run = static_cast<std::int64_t>(std::count_if(m_world.guest_machines.begin(),
        m_world.guest_machines.end(), [](auto const& item) { return !item.second.stopped.has_value(); }));
    if (run >= wanted.at_least && run <= wanted.at_most.value_or(run))
        return {};
    return fmt::format("{} guest machines run, not {}", run, run < wanted.at_least ? wanted.at_least : *wanted.at_most);
}

}
