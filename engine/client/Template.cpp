#include "engine/client/Template.h"

#include "engine/client/TemplateFunctions.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <vector>

namespace drydock::client {

using json = nlohmann::ordered_json;

namespace {

tl::unexpected<Error> parse_error(std::string const& why)
{
    return fail(ErrorKind::InvalidInput, "template parsing error: template: :1: " + why);
}

struct Operand;
using Call = std::vector<Operand>; // a value or function, and its arguments
using Pipeline = std::vector<Call>;

struct Operand {
    enum class Kind : std::uint8_t { Dot, Variable, Literal, Function, Group };
    Kind kind { Kind::Dot };
    std::string name; // of a variable or function
    json literal;
    Pipeline group;
    std::vector<std::string> fields; // ".State.Status" behind it
};

constexpr std::string_view blank = " \t\r\n";

bool is_name_character(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

}

struct Template::Node {
    enum class Kind : std::uint8_t { List, Text, Print, Assign, If, With, Range };
    Kind kind { Kind::List };
    std::string text;                   // of Text
    std::vector<std::string> variables; // that Assign and Range set: value, or index and value
    Pipeline pipeline {};
    std::vector<Node> body {};
    std::vector<Node> otherwise {};
};

namespace {

using Node = Template::Node;

// One action, the text between the braces, from left to right.
class ActionReader {
public:
    explicit ActionReader(std::string_view text)
        : m_rest(text)
    {
    }

    bool at_end()
    {
        skip_blank();
        return m_rest.empty();
    }

    std::string_view peek_word()
    {
        skip_blank();
        std::size_t end = 0;
        while (end < m_rest.size() && is_name_character(m_rest[end]))
            ++end;
        return m_rest.substr(0, end);
    }

    bool take(std::string_view word)
    {
        skip_blank();
        if (!m_rest.starts_with(word))
            return false;
        m_rest.remove_prefix(word.size());
        return true;
    }

    // "$i, $v := "; nothing is taken where there is none.
    std::vector<std::string> assigned()
    {
        auto const before = m_rest;
        std::vector<std::string> names;
        do {
            if (!take("$"))
                break;
            names.emplace_back(peek_word());
            m_rest.remove_prefix(names.back().size());
        } while (take(","));
        if (!names.empty() && (take(":=") || take("=")))
            return names;
        m_rest = before;
        return {};
    }

    Result<Pipeline> pipeline()
    {
        Pipeline calls;
        do {
            Call call;
            while (!at_end() && m_rest.front() != '|' && m_rest.front() != ')')
                call.push_back(TRY(operand()));
            if (call.empty())
                return parse_error("missing value for command");
            calls.push_back(std::move(call));
        } while (take("|"));
        return calls;
    }

private:
    void skip_blank() { m_rest.remove_prefix(std::min(m_rest.find_first_not_of(blank), m_rest.size())); }

    Result<Operand> operand()
    {
        Operand operand;
        char const first = m_rest.front();
        if (first == '"' || first == '`') {
            operand = literal(TRY(quoted(first)));
        } else if (first == '(') {
            m_rest.remove_prefix(1);
            operand.kind = Operand::Kind::Group;
            operand.group = TRY(pipeline());
            if (!take(")"))
                return parse_error("unclosed left paren");
        } else if (first == '$') {
            m_rest.remove_prefix(1);
            operand.kind = Operand::Kind::Variable;
            operand.name = take_name();
        } else if (first == '-' || std::isdigit(static_cast<unsigned char>(first)) != 0) {
            operand = literal(TRY(number()));
        } else if (is_name_character(first)) {
            operand = named(take_name());
        } else if (first != '.') {
            return parse_error(std::string("unexpected \"") + first + "\" in operand");
        }
        read_fields(operand);
        return operand;
    }

    static Operand literal(json value)
    {
        Operand operand;
        operand.kind = Operand::Kind::Literal;
        operand.literal = std::move(value);
        return operand;
    }

    static Operand named(std::string name)
    {
        if (name == "true" || name == "false")
            return literal(name == "true");
        if (name == "nil")
            return literal(nullptr);
        Operand operand;
        operand.kind = Operand::Kind::Function;
        operand.name = std::move(name);
        return operand;
    }

    void read_fields(Operand& operand)
    {
        while (m_rest.starts_with('.')) {
            m_rest.remove_prefix(1);
            if (auto name = take_name(); !name.empty())
                operand.fields.push_back(std::move(name));
        }
    }

    std::string take_name()
    {
        std::size_t end = 0;
        while (end < m_rest.size() && is_name_character(m_rest[end]))
            ++end;
        std::string name(m_rest.substr(0, end));
        m_rest.remove_prefix(end);
        return name;
    }

    Result<json> number()
    {
        auto const end = std::min(m_rest.find_first_not_of("-+.0123456789eEx"), m_rest.size());
        auto value = json::parse(m_rest.substr(0, end), nullptr, false);
        if (value.is_discarded())
            return parse_error("bad number syntax: \"" + std::string(m_rest.substr(0, end)) + "\"");
        m_rest.remove_prefix(end);
        return value;
    }

    // "with \n escapes", or `as it is`.
    Result<std::string> quoted(char quote)
    {
        std::string text;
        for (std::size_t i = 1; i < m_rest.size(); ++i) {
            if (m_rest[i] == quote) {
                m_rest.remove_prefix(i + 1);
                return text;
            }
            if (quote == '`' || m_rest[i] != '\\' || i + 1 == m_rest.size()) {
                text += m_rest[i];
                continue;
            }
            char const escaped = m_rest[++i];
            text += escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped == 'r' ? '\r' : escaped;
        }
        return parse_error("unterminated quoted string");
    }

    std::string_view m_rest;
};

// Where the action that begins at `from` ends: before its "}}", which a string may hold, too.
std::size_t end_of_action(std::string_view text, std::size_t from)
{
    char quote = 0;
    for (std::size_t i = from; i < text.size(); ++i) {
        if (quote != 0) {
            if (text[i] == '\\' && quote == '"')
                ++i;
            else if (text[i] == quote)
                quote = 0;
        } else if (text[i] == '"' || text[i] == '`') {
            quote = text[i];
        } else if (text.substr(i).starts_with("}}")) {
            return i;
        }
    }
    return std::string_view::npos;
}

class Parser {
public:
    explicit Parser(std::string_view text)
        : m_rest(text)
    {
    }

    Result<std::vector<Node>> parse()
    {
        auto nodes = TRY(list());
        if (!m_stopped_at.empty())
            return parse_error("unexpected {{" + m_stopped_at + "}}");
        return nodes;
    }

private:
    // Up to the end of the text, or to an "end" or "else", which is kept for the caller.
    Result<std::vector<Node>> list()
    {
        std::vector<Node> nodes;
        while (!m_rest.empty()) {
            auto const open = m_rest.find("{{");
            auto text = m_rest.substr(0, open);
            bool const trims = open != std::string_view::npos && m_rest.substr(open).starts_with("{{- ");
            add_text(nodes, trims ? text.substr(0, text.find_last_not_of(blank) + 1) : text);
            if (open == std::string_view::npos) {
                m_rest = {};
                break;
            }
            auto const action = TRY(take_action(open + 2));
            if (action.starts_with("/*"))
                continue;
            ActionReader reader(action);
            if (auto const word = reader.peek_word(); word == "end" || word == "else") {
                m_stopped_at = action;
                return nodes;
            }
            nodes.push_back(TRY(node(reader)));
        }
        m_stopped_at.clear();
        return nodes;
    }

    static void add_text(std::vector<Node>& nodes, std::string_view text)
    {
        if (text.empty())
            return;
        auto& node = nodes.emplace_back();
        node.kind = Node::Kind::Text;
        node.text = text;
    }

    Result<std::string> take_action(std::size_t from)
    {
        auto const close = end_of_action(m_rest, from);
        if (close == std::string_view::npos)
            return parse_error("unclosed action");
        auto action = m_rest.substr(from, close - from);
        m_rest.remove_prefix(close + 2);
        if (action.starts_with("- "))
            action.remove_prefix(2);
        if (action.ends_with(" -")) {
            action.remove_suffix(2);
            m_rest.remove_prefix(std::min(m_rest.find_first_not_of(blank), m_rest.size()));
        }
        auto const first = std::min(action.find_first_not_of(blank), action.size());
        return std::string(action.substr(first, action.find_last_not_of(blank) + 1 - first));
    }

    Result<Node> node(ActionReader& reader)
    {
        static std::map<std::string_view, Node::Kind> const blocks { { "if", Node::Kind::If },
            { "with", Node::Kind::With }, { "range", Node::Kind::Range } };
        auto const block = blocks.find(reader.peek_word());
        Node node;
        node.kind = block == blocks.end() ? Node::Kind::Print : block->second;
        if (block != blocks.end())
            reader.take(block->first);
        node.variables = reader.assigned();
        if (block == blocks.end() && !node.variables.empty())
            node.kind = Node::Kind::Assign;
        node.pipeline = TRY(reader.pipeline());
        if (!reader.at_end())
            return parse_error("unexpected text in an action");
        if (block == blocks.end())
            return node;
        node.body = TRY(list());
        TRY(finish_block(node));
        return node;
    }

    // "end", "else … end", or "else if … end", which is an if inside the else.
    Result<void> finish_block(Node& node)
    {
        if (m_stopped_at.empty())
            return parse_error("unexpected EOF");
        if (m_stopped_at == "end")
            return {};
        std::string const tail = m_stopped_at.substr(4);
        ActionReader reader(tail);
        if (!reader.at_end()) {
            node.otherwise.push_back(TRY(this->node(reader)));
            return {};
        }
        node.otherwise = TRY(list());
        return m_stopped_at == "end" ? Result<void>() : parse_error("unexpected EOF");
    }

    std::string_view m_rest;
    std::string m_stopped_at; // "end", "else", "else if …"; empty: the end of the text
};

class Evaluation {
public:
    explicit Evaluation(json const& root)
        : m_dot(root)
    {
        m_variables[""] = root;
    }

    Result<void> run(std::vector<Node> const& nodes)
    {
        for (auto const& node : nodes)
            TRY(run(node));
        return {};
    }

    std::string take() { return std::move(m_output); }

private:
    Result<void> run(Node const& node)
    {
        if (node.kind == Node::Kind::Text) {
            m_output += node.text;
            return {};
        }
        auto const value = TRY(evaluate(node.pipeline));
        switch (node.kind) {
        case Node::Kind::Print: m_output += template_text(value); return {};
        case Node::Kind::Assign: m_variables[node.variables.front()] = value; return {};
        case Node::Kind::If: set(node, value); return run(template_truth(value) ? node.body : node.otherwise);
        case Node::Kind::With:
            set(node, value);
            return template_truth(value) ? run_with(node.body, value) : run(node.otherwise);
        case Node::Kind::Range: return run_range(node, value);
        case Node::Kind::List:
        case Node::Kind::Text: break;
        }
        return {};
    }

    void set(Node const& node, json const& value)
    {
        if (!node.variables.empty())
            m_variables[node.variables.back()] = value;
    }

    Result<void> run_with(std::vector<Node> const& body, json const& dot)
    {
        auto const before = std::exchange(m_dot, dot);
        auto done = run(body);
        m_dot = before;
        return done;
    }

    Result<void> run_range(Node const& node, json const& value)
    {
        if (!value.is_structured() && !value.is_null())
            return parse_error("range can't iterate over " + template_text(value));
        if (value.empty())
            return run(node.otherwise);
        // Go ranges over a map in the order of its keys.
        std::map<std::string, json> sorted;
        std::vector<std::pair<json, json>> elements;
        if (value.is_object()) {
            for (auto const& [key, element] : value.items())
                sorted[key] = element;
            elements.assign(sorted.begin(), sorted.end());
        } else {
            for (auto const& element : value)
                elements.emplace_back(elements.size(), element);
        }
        for (auto const& [key, element] : elements) {
            if (node.variables.size() > 1)
                m_variables[node.variables.front()] = key;
            set(node, element);
            TRY(run_with(node.body, element));
        }
        return {};
    }

    Result<json> evaluate(Pipeline const& pipeline)
    {
        std::optional<json> piped;
        for (auto const& call : pipeline)
            piped = TRY(evaluate(call, piped));
        return std::move(*piped);
    }

    Result<json> evaluate(Call const& call, std::optional<json> const& piped)
    {
        std::vector<json> arguments;
        for (std::size_t i = 1; i < call.size(); ++i)
            arguments.push_back(TRY(evaluate(call[i])));
        if (piped)
            arguments.push_back(*piped);
        auto const& first = call.front();
        if (first.kind == Operand::Kind::Function)
            return member(TRY(call_template_function(first.name, arguments)), first.fields);
        auto value = TRY(evaluate(first));
        if (arguments.empty())
            return value;
        // `.Label "name"`: docker's methods look up in a map.
        arguments.insert(arguments.begin(), std::move(value));
        return call_template_function("index", arguments);
    }

    Result<json> evaluate(Operand const& operand)
    {
        switch (operand.kind) {
        case Operand::Kind::Dot: return member(m_dot, operand.fields);
        case Operand::Kind::Literal: return operand.literal;
        case Operand::Kind::Group: return member(TRY(evaluate(operand.group)), operand.fields);
        case Operand::Kind::Function: return member(TRY(call_template_function(operand.name, {})), operand.fields);
        case Operand::Kind::Variable: break;
        }
        auto const found = m_variables.find(operand.name);
        if (found == m_variables.end())
            return parse_error("undefined variable \"$" + operand.name + "\"");
        return member(found->second, operand.fields);
    }

    static Result<json> member(json value, std::vector<std::string> const& fields)
    {
        for (auto const& field : fields) {
            if (!value.is_object() || !value.contains(field))
                return parse_error("map has no entry for key \"" + field + "\"");
            value = json(value.at(field));
        }
        return value;
    }

    json m_dot;
    std::map<std::string, json> m_variables; // "": $, what "." was at first
    std::string m_output;
};

}

Template::Template(std::unique_ptr<Node> root)
    : m_root(std::move(root))
{
}
Template::~Template() = default;
Template::Template(Template&&) noexcept = default;
Template& Template::operator=(Template&&) noexcept = default;

Result<Template> Template::parse(std::string_view text)
{
    auto root = std::make_unique<Node>();
    root->body = TRY(Parser(text).parse());
    return Template(std::move(root));
}

Result<std::string> Template::apply(json const& value) const
{
    Evaluation evaluation(value);
    TRY(evaluation.run(m_root->body));
    return evaluation.take();
}

}
