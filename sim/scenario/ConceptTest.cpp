#include "sim/scenario/ConceptTest.h"

#include "sim/scenario/Table.h"

#include <set>
#include <sstream>

namespace drydock::scenario {

namespace {

constexpr std::size_t choices_of_an_item = 4;

std::string_view word_for(TestPhase phase)
{
    return phase == TestPhase::Before ? "before" : "after";
}

ConceptItem read_item(Table table)
{
    ConceptItem item { .id = table.text("id", Need::Required),
        .misconception = table.text("misconception", Need::Required),
        .belief = table.text("belief", Need::Required),
        .question = table.text("question", Need::Required),
        .choices = table.texts("choices"),
        .right = 0,
        .why = table.text("why", Need::Required) };
    auto const right = table.maybe_number("right", 1, static_cast<std::int64_t>(choices_of_an_item), Need::Required);
    item.right = right ? static_cast<std::size_t>(*right - 1) : 0;
    std::set<std::string> const different(item.choices.begin(), item.choices.end());
    if (item.choices.size() != choices_of_an_item || different.size() != item.choices.size())
        table.problem("choices", fmt::format("{} different choices", different.size()),
            fmt::format("an item has {}, one of them right", choices_of_an_item));
    if (item.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") != std::string::npos)
        table.problem("id", fmt::format("\"{}\" is no id", item.id), "small letters and dashes, as in \"kernel\"");
    table.finish();
    return item;
}

ConceptTest read_test(Table table)
{
    ConceptTest test;
    check_schema(table);
    std::set<std::string> seen;
    for (auto& item : table.tables("item", Need::Required)) {
        test.items.push_back(read_item(std::move(item)));
        if (!seen.insert(test.items.back().id).second)
            table.problem("item", fmt::format("item \"{}\" is there twice", test.items.back().id), "rename one");
    }
    table.finish();
    return test;
}

std::vector<std::string> cells_of(std::string const& line)
{
    std::vector<std::string> fields;
    std::istringstream rest(line + ',');
    for (std::string field; std::getline(rest, field, ',');)
        fields.push_back(std::move(field));
    return fields;
}

}

std::vector<std::string> ConceptTest::texts() const
{
    std::vector<std::string> list;
    for (auto const& item : items) {
        list.insert(list.end(), { item.belief, item.question, item.why });
        list.insert(list.end(), item.choices.begin(), item.choices.end());
    }
    std::erase_if(list, [](std::string const& text) {
        return std::none_of(text.begin(), text.end(), [](unsigned char c) { return std::isalpha(c) != 0; });
    });
    return list;
}

LoadedConceptTest load_concept_test(std::string_view text)
{
    LoadedConceptTest loaded;
    loaded.test = read_document(text, loaded.problems, "docs/teaching.md", read_test);
    return loaded;
}

std::string results_as_csv(
    ConceptTest const& test, ConceptAnswers const& answers, TestPhase phase, std::string_view date)
{
    std::string lines;
    for (std::size_t i = 0; i < test.items.size(); ++i) {
        auto const& item = test.items[i];
        auto const answer = i < answers.size() ? answers[i] : std::nullopt;
        lines += fmt::format("{},{},{},{},{},{}\n", date, word_for(phase), item.id, item.misconception,
            answer ? std::to_string(*answer + 1) : std::string(), answer == item.right ? 1 : 0);
    }
    return lines;
}

std::optional<TestResult> last_result(std::string_view csv, TestPhase phase)
{
    std::optional<TestResult> result;
    std::set<std::string> seen; // items of this time; one that comes again begins another
    std::istringstream lines { std::string(csv) };
    for (std::string line; std::getline(lines, line);) {
        auto const fields = cells_of(line);
        if (fields.size() != 6 || fields[1] != word_for(phase) || (fields[5] != "0" && fields[5] != "1"))
            continue;
        if (!result || result->date != fields[0] || seen.contains(fields[2])) {
            result = TestResult { .date = fields[0] };
            seen.clear();
        }
        seen.insert(fields[2]);
        ++result->items;
        result->right += fields[5] == "1" ? 1U : 0U;
    }
    return result;
}

}
