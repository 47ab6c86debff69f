// drydock test-me: the concept test in a terminal, or as a sheet to print.

#include "sim/words/Language.h"
#include "visual/app/Commands.h"
#include "visual/app/Coursework.h"
#include "visual/settings/Files.h"

#include <fmt/format.h>

#include <iostream>

namespace drydock::app {

namespace {

constexpr std::string_view letters = "ABCD";

// For paper: letters to tick, and the answers on a page of their own.
void print_sheet(scenario::ConceptTest const& test)
{
    fmt::print("# {}\n\n{} ____________________  {} ____________________\n", words::tr("Concept test"),
        words::tr("Name"), words::tr("Date"));
    for (std::size_t i = 0; i < test.items.size(); ++i) {
        auto const& item = test.items[i];
        fmt::print("\n**{}.** {}\n\n", i + 1, words::tr(item.question));
        for (std::size_t k = 0; k < item.choices.size(); ++k)
            fmt::print("- ☐ {}: {}\n", letters[k], words::tr(item.choices[k]));
    }
    fmt::print("\n<div style=\"page-break-before: always\"></div>\n\n## {}\n\n", words::tr("Answers"));
    for (std::size_t i = 0; i < test.items.size(); ++i) {
        auto const& item = test.items[i];
        fmt::print("{}. **{}** {} ({}: {})\n", i + 1, letters[item.right], words::tr(item.why), item.misconception,
            words::tr(item.belief));
    }
}

// What somebody chose, or nothing for Enter; the end of the input skips the rest.
std::optional<std::size_t> ask(scenario::ConceptItem const& item, std::size_t number, std::size_t items)
{
    fmt::print("\n{}. {}\n", words::say("{} of {}", number, items), words::tr(item.question));
    for (std::size_t k = 0; k < item.choices.size(); ++k)
        fmt::print("   {}  {}\n", k + 1, words::tr(item.choices[k]));
    for (;;) {
        fmt::print("{} ", words::tr("1 to 4 (Enter skips):"));
        std::fflush(stdout);
        std::string line;
        if (!std::getline(std::cin, line) || line.empty())
            return std::nullopt;
        if (line.size() == 1 && line[0] >= '1' && line[0] <= '4')
            return static_cast<std::size_t>(line[0] - '1');
    }
}

void print_results(Coursework const& coursework, scenario::ConceptAnswers const& answers)
{
    auto const& items = coursework.test().items;
    std::size_t right = 0;
    for (std::size_t i = 0; i < items.size(); ++i)
        right += answers[i] == items[i].right ? 1U : 0U;
    fmt::print("\n{}\n", words::say("{} of {} right", right, items.size()));
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (answers[i] == items[i].right)
            continue;
        fmt::print("\n{}\n   {} {}\n   {}\n", words::tr(items[i].question), words::tr("It is:"),
            words::tr(items[i].choices[items[i].right]), words::tr(items[i].why));
        if (auto const* entry = coursework.find(coursework.course().test[i].lesson))
            fmt::print("   {}: drydock play {}\n", words::say("Lesson: {}", words::tr(entry->title)), entry->id);
    }
}

}

int test_me(TestMeOptions const& options)
{
    Coursework coursework;
    auto const& test = coursework.test();
    if (test.items.empty())
        return complain(Error(ErrorKind::NotFound, "this installation has no concept test"));
    if (options.print) {
        print_sheet(test);
        return 0;
    }
    fmt::print(
        "{}\n", words::say("{} questions; nothing is said about right or wrong before the end.", test.items.size()));
    scenario::ConceptAnswers answers;
    for (std::size_t i = 0; i < test.items.size(); ++i)
        answers.push_back(ask(test.items[i], i + 1, test.items.size()));
    auto const kept = options.csv.empty()
        ? coursework.keep_test(options.phase, answers)
        : settings::append_text(
            scenario::results_header, scenario::results_as_csv(test, answers, options.phase, today()), options.csv);
    if (!kept)
        return complain(kept.error());
    print_results(coursework, answers);
    fmt::print("\n{}\n", words::say("Kept in {}.", options.csv.empty() ? results_path().string() : options.csv));
    return 0;
}

}
