//! The grammar's rules in the words of users: keywords as they are written, everything else by what it is.

use super::grammar::Rule;

/// The rules of keywords, and how each is written (with the word that must follow, where one must).
const KEYWORDS: [(Rule, &str); 71] = [
    (Rule::kw_acyclic, "ACYCLIC"),
    (Rule::kw_all, "ALL"),
    (Rule::kw_allshortestpaths, "allShortestPaths"),
    (Rule::kw_and, "AND"),
    (Rule::kw_any, "ANY"),
    (Rule::kw_as, "AS"),
    (Rule::kw_asc, "ASC"),
    (Rule::kw_ascending, "ASCENDING"),
    (Rule::kw_between, "BETWEEN"),
    (Rule::kw_by, "BY"),
    (Rule::kw_case, "CASE"),
    (Rule::kw_contains, "CONTAINS"),
    (Rule::kw_count, "COUNT"),
    (Rule::kw_desc, "DESC"),
    (Rule::kw_descending, "DESCENDING"),
    (Rule::kw_different, "DIFFERENT"),
    (Rule::kw_distinct, "DISTINCT"),
    (Rule::kw_edges, "EDGES"),
    (Rule::kw_elements, "ELEMENTS"),
    (Rule::kw_else, "ELSE"),
    (Rule::kw_empty, "EMPTY"),
    (Rule::kw_end, "END"),
    (Rule::kw_ends, "ENDS WITH"),
    (Rule::kw_exists, "EXISTS"),
    (Rule::kw_explain, "EXPLAIN"),
    (Rule::kw_false, "FALSE"),
    (Rule::kw_filter, "FILTER"),
    (Rule::kw_first, "FIRST"),
    (Rule::kw_for, "FOR"),
    (Rule::kw_group, "GROUP"),
    (Rule::kw_groups, "GROUPS"),
    (Rule::kw_ilike, "ILIKE"),
    (Rule::kw_in, "IN"),
    (Rule::kw_is, "IS"),
    (Rule::kw_last, "LAST"),
    (Rule::kw_let, "LET"),
    (Rule::kw_like, "LIKE"),
    (Rule::kw_limit, "LIMIT"),
    (Rule::kw_match, "MATCH"),
    (Rule::kw_not, "NOT"),
    (Rule::kw_null, "NULL"),
    (Rule::kw_nulls, "NULLS"),
    (Rule::kw_of, "OF"),
    (Rule::kw_offset, "OFFSET"),
    (Rule::kw_optional, "OPTIONAL MATCH"),
    (Rule::kw_order, "ORDER BY"),
    (Rule::kw_path, "PATH"),
    (Rule::kw_paths, "PATHS"),
    (Rule::kw_profile, "PROFILE"),
    (Rule::kw_relationships, "RELATIONSHIPS"),
    (Rule::kw_repeatable, "REPEATABLE"),
    (Rule::kw_return, "RETURN"),
    (Rule::kw_shortest, "SHORTEST"),
    (Rule::kw_shortestpath, "shortestPath"),
    (Rule::kw_simple, "SIMPLE"),
    (Rule::kw_skip, "SKIP"),
    (Rule::kw_starts, "STARTS WITH"),
    (Rule::kw_then, "THEN"),
    (Rule::kw_trail, "TRAIL"),
    (Rule::kw_true, "TRUE"),
    (Rule::kw_union, "UNION"),
    (Rule::kw_unwind, "UNWIND"),
    (Rule::kw_walk, "WALK"),
    (Rule::kw_when, "WHEN"),
    (Rule::kw_where, "WHERE"),
    (Rule::kw_with, "WITH"),
    (Rule::op_and, "AND"),
    (Rule::op_or, "OR"),
    (Rule::op_xor, "XOR"),
    (Rule::op_in, "IN"),
    (Rule::op_not, "NOT"),
];

/// What a rule that is no keyword is called, for the rules that can be at the front of what is expected.
const PHRASES: [(&str, &[Rule]); 21] = [
    (
        "a query",
        &[
            Rule::statement,
            Rule::query,
            Rule::single_query,
            Rule::plan_query,
            Rule::sub_single,
            Rule::sub_body,
        ],
    ),
    (
        "a clause",
        &[
            Rule::match_clause,
            Rule::return_clause,
            Rule::with_clause,
            Rule::unwind_clause,
        ],
    ),
    (
        "an expression",
        &[
            Rule::expr,
            Rule::arith,
            Rule::projection,
            Rule::projection_items,
            Rule::projection_item,
            Rule::sort_item,
            Rule::slice_from,
            Rule::slice_to,
            Rule::case_operand,
            Rule::function_call,
            Rule::bracket,
            Rule::paren,
        ],
    ),
    (
        "a pattern",
        &[
            Rule::pattern_list,
            Rule::path_pattern,
            Rule::path_body,
            Rule::node_pattern,
            Rule::simple_path,
            Rule::pattern_predicate,
            Rule::paren_path,
            Rule::path_inner,
        ],
    ),
    (
        "a relation such as `-[:name]->`",
        &[Rule::rel_pattern, Rule::rel_detail, Rule::rel_left],
    ),
    ("`-`", &[Rule::rel_dash]),
    (
        "a label",
        &[
            Rule::label_spec,
            Rule::label_expr,
            Rule::label_and,
            Rule::label_not,
            Rule::label_name,
            Rule::label_ident,
            Rule::label_any,
            Rule::has_label,
        ],
    ),
    ("a property name", &[Rule::prop_name, Rule::ident_any]),
    ("`name: value`", &[Rule::map_entry, Rule::meta_name]),
    (
        "`.property` or `name: value`",
        &[
            Rule::projection_element,
            Rule::all_props,
            Rule::prop_selector,
        ],
    ),
    (
        "a property map such as `{name: value}`",
        &[Rule::map_literal, Rule::property_spec],
    ),
    ("a variable", &[Rule::variable, Rule::ident]),
    ("`variable = expression`", &[Rule::let_item]),
    ("a parameter", &[Rule::parameter, Rule::param_name]),
    ("a string", &[Rule::string]),
    (
        "a number of hops",
        &[Rule::uint, Rule::hop_range, Rule::count_spec],
    ),
    (
        "a quantifier such as `{1,3}`",
        &[Rule::quantifier, Rule::var_length],
    ),
    ("`FILTER (WHERE condition)`", &[Rule::agg_filter]),
    ("`| value`", &[Rule::list_map, Rule::agg_value]),
    (
        "a path search such as `ANY SHORTEST`",
        &[Rule::path_prefix, Rule::path_search, Rule::path_mode],
    ),
    ("the end", &[Rule::EOI]),
];

/// The keyword that a rule is.
pub(super) fn keyword(rule: Rule) -> Option<&'static str> {
    KEYWORDS
        .iter()
        .find(|(keyword, _)| *keyword == rule)
        .map(|(_, text)| *text)
}

/// The keywords that a rule other than a keyword can begin with, where there are few.
const BEGINNINGS: [(Rule, &[Rule]); 8] = [
    (Rule::match_clause, &[Rule::kw_match, Rule::kw_optional]),
    (Rule::statement, STATEMENT),
    (Rule::query, STATEMENT),
    (Rule::single_query, CLAUSES),
    (Rule::sub_single, CLAUSES),
    (Rule::sub_body, CLAUSES),
    (Rule::sort_dir, &[Rule::kw_asc, Rule::kw_desc]),
    (Rule::skip, &[Rule::kw_skip, Rule::kw_offset]),
];

const CLAUSES: &[Rule] = &[
    Rule::kw_match,
    Rule::kw_optional,
    Rule::kw_unwind,
    Rule::kw_with,
    Rule::kw_let,
    Rule::kw_filter,
    Rule::kw_for,
    Rule::kw_return,
];

const STATEMENT: &[Rule] = &[
    Rule::kw_explain,
    Rule::kw_profile,
    Rule::kw_as,
    Rule::kw_match,
    Rule::kw_optional,
    Rule::kw_unwind,
    Rule::kw_with,
    Rule::kw_let,
    Rule::kw_filter,
    Rule::kw_for,
    Rule::kw_return,
];

/// The keywords that a rule begins with, or the rule itself.
pub(super) fn beginnings(rule: &Rule) -> &[Rule] {
    let begun = BEGINNINGS.iter().find(|(begun, _)| begun == rule);
    begun.map_or(std::slice::from_ref(rule), |(_, rules)| rules)
}

/// Whether a word is a keyword somewhere, in any case.
pub(super) fn is_keyword(word: &str) -> bool {
    KEYWORDS
        .iter()
        .any(|(_, text)| text.split(' ').any(|part| part.eq_ignore_ascii_case(word)))
}

/// The words that cannot be a bare name; the grammar's rule `reserved`.
const RESERVED: [&str; 26] = [
    "and", "as", "between", "case", "contains", "distinct", "else", "ends", "false", "in", "is",
    "match", "not", "null", "optional", "or", "return", "starts", "then", "true", "union",
    "unwind", "when", "where", "with", "xor",
];

/// The functions that have an aggregate form with a subquery; the grammar's rule `agg_name`.
const AGGREGATES: [&str; 9] = [
    "count",
    "collect",
    "sum",
    "avg",
    "min",
    "max",
    "median",
    "stdev",
    "percentile",
];

pub(super) fn is_reserved(word: &str) -> bool {
    RESERVED
        .iter()
        .any(|reserved| reserved.eq_ignore_ascii_case(word))
}

pub(super) fn is_aggregate(word: &str) -> bool {
    AGGREGATES
        .iter()
        .any(|aggregate| aggregate.eq_ignore_ascii_case(word))
}

/// Whether a keyword is the name of a function as well.
pub(super) fn is_function_too(word: &str) -> bool {
    let functions = [
        "all",
        "any",
        "count",
        "exists",
        "shortestpath",
        "allshortestpaths",
    ];
    functions
        .iter()
        .any(|function| function.eq_ignore_ascii_case(word))
}

/// Whether a keyword starts a clause.
pub(super) fn starts_clause(rule: Rule) -> bool {
    CLAUSES.contains(&rule) || rule == Rule::match_clause
}

/// Whether a rule is an operator or another thing that can only follow a complete operand.
pub(super) fn follows_operand(rule: Rule) -> bool {
    super::build::is_infix(rule)
        || matches!(
            rule,
            Rule::kw_is
                | Rule::kw_between
                | Rule::kw_contains
                | Rule::kw_starts
                | Rule::kw_ends
                | Rule::kw_like
                | Rule::kw_ilike
                | Rule::kw_not
                | Rule::prop_access
                | Rule::subscript
                | Rule::shape
                | Rule::is_null
                | Rule::is_empty
                | Rule::is_label
                | Rule::between
        )
}

/// What a rule that is no keyword is called.
pub(super) fn phrase(rule: Rule) -> Option<&'static str> {
    PHRASES
        .iter()
        .find(|(_, rules)| rules.contains(&rule))
        .map(|(phrase, _)| *phrase)
}
