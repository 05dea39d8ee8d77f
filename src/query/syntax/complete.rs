//! What can stand at a place of an unfinished text; the catalog turns the kinds into names of its model.
//!
//! The text before the place, closed by a character that no rule accepts, is given to pest: the rules
//! that it then says it expected are exactly what could stand there.

use std::collections::BTreeSet;

use pest::Parser as _;

use super::binding::{self, Binding};
use super::diagnose::position;
use super::grammar::{QueryParser, Rule};
use super::limit;
use super::token::{Token, TokenKind, tokens};
use super::words;

/// What names can stand at a place, other than properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A blueprint.
    Label,
    /// A relation, in a pattern.
    Relation,
    /// A variable of an earlier part of the text; they are in `bindings`.
    Variable,
    Function,
    Parameter,
}

/// What can stand at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Expected {
    /// Where the word that is being written starts: it reaches to the place asked about.
    pub(crate) start: usize,
    /// Keywords in upper case, with the word that must follow (`ORDER BY`).
    pub(crate) keywords: BTreeSet<&'static str>,
    pub(crate) kinds: BTreeSet<Kind>,
    /// A property, meta property or relation of something.
    pub(crate) property: Option<PropertyOf>,
    /// The variables that the text before the place binds.
    pub(crate) bindings: Vec<Binding>,
}

/// Whose property can stand at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PropertyOf {
    /// `s.` or `s.owner.`: a variable and the names behind it.
    Path(Vec<String>),
    /// A key in the braces of a pattern's node, which has these labels.
    Labels(Vec<String>),
    /// Something that only running it tells.
    Unknown,
}

/// The keywords that can begin an operand.
const BEFORE_OPERAND: [&str; 6] = ["CASE", "EXISTS", "FALSE", "NOT", "NULL", "TRUE"];
/// The keywords that can stand behind an operand.
const AFTER_OPERAND: [&str; 14] = [
    "AND",
    "BETWEEN",
    "CONTAINS",
    "CONTAINS ALL",
    "CONTAINS ANY",
    "ENDS WITH",
    "ILIKE",
    "IN",
    "IS EMPTY",
    "IS NULL",
    "LIKE",
    "OR",
    "STARTS WITH",
    "XOR",
];

/// What can stand at byte `cursor` of a text, by what is before it.
pub(crate) fn expected(text: &str, cursor: usize) -> Expected {
    let text = text.get(..text.floor_char_boundary(cursor)).unwrap_or(text);
    let mut all = tokens(text);
    let mut expected = Expected {
        start: text.len(),
        ..Expected::default()
    };
    if let Some(last) = all.last().copied() {
        let touches = last.span.end == text.len();
        match last.kind {
            // Inside a comment or a string there is nothing to say.
            TokenKind::Comment if touches => return expected,
            TokenKind::String if !last.closed => return expected,
            TokenKind::Word | TokenKind::Quoted | TokenKind::Parameter if touches => {
                expected.start = last.span.start;
                all.pop();
            }
            TokenKind::Word
            | TokenKind::Quoted
            | TokenKind::Parameter
            | TokenKind::Comment
            | TokenKind::String
            | TokenKind::Number
            | TokenKind::Open
            | TokenKind::Close
            | TokenKind::Symbol => {}
        }
    }
    all.retain(|token| token.kind != TokenKind::Comment);
    expected.bindings = binding::bindings(text, &all);
    let before = text.get(..expected.start).unwrap_or("");
    if limit::check_size(before).is_ok()
        && let Ok(open) = limit::check_unfinished(before, &all)
    {
        let place = Place {
            text: before,
            tokens: &all,
            open: &open,
        };
        for rule in expected_rules(before) {
            expected.add(rule, &place);
        }
    }
    expected
}

/// The rules that could go on after a text; none if it does not parse up to its end.
fn expected_rules(before: &str) -> Vec<Rule> {
    match QueryParser::parse(Rule::statement_only, &format!("{before}\u{1}")) {
        Err(error) if position(&error) >= before.trim_end().len() => match error.variant {
            pest::error::ErrorVariant::ParsingError { positives, .. } => positives,
            pest::error::ErrorVariant::CustomError { .. } => Vec::new(),
        },
        _ => Vec::new(),
    }
}

impl Expected {
    fn add(&mut self, rule: Rule, place: &Place<'_>) {
        let beginnings = words::beginnings(&rule).iter();
        self.keywords
            .extend(beginnings.filter_map(|rule| words::keyword(*rule)));
        match words::phrase(rule) {
            _ if rule == Rule::op_neg => self.add_operand(),
            _ if rule == Rule::op_eq || rule == Rule::op_add => {
                self.keywords.extend(AFTER_OPERAND);
            }
            Some("an expression") => self.add_operand(),
            Some("a label") if rule == Rule::label_spec || rule == Rule::has_label => {}
            Some("a label") => {
                self.kinds.insert(if place.in_relation() {
                    Kind::Relation
                } else {
                    Kind::Label
                });
            }
            Some("a property name" | "`name: value`") => self.property = Some(place.property_of()),
            Some("a property map such as `{name: value}`") => {
                self.kinds.insert(Kind::Variable);
            }
            _ => {}
        }
    }

    fn add_operand(&mut self) {
        self.kinds
            .extend([Kind::Variable, Kind::Function, Kind::Parameter]);
        self.keywords.extend(BEFORE_OPERAND);
    }
}

/// The place asked about: the tokens before it and the brackets around it.
struct Place<'t> {
    text: &'t str,
    tokens: &'t [Token],
    open: &'t [Token],
}

impl Place<'_> {
    /// The token before another token.
    fn before(&self, token: Token) -> &[Token] {
        let index = self
            .tokens
            .partition_point(|other| other.span.start < token.span.start);
        self.tokens.get(..index).unwrap_or(&[])
    }

    fn ends_with(&self, tokens: &[Token], symbols: &[&str]) -> bool {
        tokens
            .last()
            .is_some_and(|last| symbols.iter().any(|symbol| last.is(self.text, symbol)))
    }

    /// Whether the place is in the brackets of a relation, through parentheses of a label expression.
    fn in_relation(&self) -> bool {
        for open in self.open.iter().rev() {
            let before = self.before(*open);
            if open.is(self.text, "[") {
                return self.ends_with(before, &["-"]);
            }
            if !self.ends_with(before, &[":", "|", "&", "!", "("]) {
                return false;
            }
        }
        false
    }

    fn property_of(&self) -> PropertyOf {
        let dotted = self.ends_with(self.tokens, &["."]);
        let before_dot = self
            .tokens
            .split_last()
            .map_or(self.tokens, |(_, before)| before);
        let brace = self
            .open
            .last()
            .filter(|open| open.is(self.text, "{"))
            .copied();
        match brace {
            // `s {.` and `s {.a, .`: a map projection.
            Some(brace) if dotted && self.ends_with(before_dot, &["{", ","]) => {
                self.path_before(self.before(brace))
            }
            _ if dotted => self.path_before(before_dot),
            Some(brace) => binding::labels_before(self.text, self.before(brace))
                .map_or_else(|| self.path_before(self.before(brace)), PropertyOf::Labels),
            None => PropertyOf::Unknown,
        }
    }

    /// The dotted path that ends these tokens.
    fn path_before(&self, tokens: &[Token]) -> PropertyOf {
        let mut path = Vec::new();
        let mut rest = tokens;
        while let Some((name, before)) = rest.split_last() {
            if !matches!(
                name.kind,
                TokenKind::Word | TokenKind::Quoted | TokenKind::Parameter
            ) {
                return PropertyOf::Unknown;
            }
            path.push(binding::plain(self.text, *name));
            match before.split_last() {
                Some((dot, before)) if dot.is(self.text, ".") => rest = before,
                _ => {
                    path.reverse();
                    return PropertyOf::Path(path);
                }
            }
        }
        PropertyOf::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What can stand at the `¦` of a text, in short.
    fn at(marked: &str) -> String {
        let cursor = marked.find('¦').unwrap_or_default();
        let expected = expected(&marked.replacen('¦', "", 1), cursor);
        let kinds = expected
            .kinds
            .iter()
            .map(|kind| format!("{kind:?}").to_lowercase());
        let mut parts: Vec<String> = kinds.collect();
        parts.extend(expected.property.map(|of| match of {
            PropertyOf::Path(path) => format!("property of {}", path.join(".")),
            PropertyOf::Labels(labels) => format!("property of :{}", labels.join("|")),
            PropertyOf::Unknown => "property".to_owned(),
        }));
        let operand = BEFORE_OPERAND
            .iter()
            .all(|word| expected.keywords.contains(word));
        let operator = AFTER_OPERAND
            .iter()
            .all(|word| expected.keywords.contains(word));
        let listed = |word: &&str| !BEFORE_OPERAND.contains(word) && !AFTER_OPERAND.contains(word);
        let mut words: Vec<&str> = expected.keywords.iter().copied().filter(listed).collect();
        words.truncate(9);
        parts.extend(operand.then(|| "operand".to_owned()));
        parts.extend(operator.then(|| "operator".to_owned()));
        parts.extend((!words.is_empty()).then(|| words.join("/")));
        parts.join(", ")
    }

    #[test]
    fn the_kinds_that_can_stand_at_a_place() {
        let table = [
            (
                "¦",
                "AS/EXPLAIN/FILTER/FOR/LET/MATCH/OPTIONAL MATCH/PROFILE/RETURN",
            ),
            (
                "MAT¦",
                "AS/EXPLAIN/FILTER/FOR/LET/MATCH/OPTIONAL MATCH/PROFILE/RETURN",
            ),
            ("MATCH (s:¦", "label"),
            ("MATCH (s:ser¦vice) RETURN s", "label"),
            ("MATCH (s:a|(b&¦", "label"),
            ("MATCH (s)-[:¦", "relation"),
            ("MATCH (s)-[r:a|!(b|c¦", "relation"),
            (
                "MATCH (s:service)-[:owner]->(t:team) WHERE s.¦",
                "property of s",
            ),
            (
                "MATCH (s:service) RETURN s.owner.$ti¦",
                "property of s.owner",
            ),
            ("MATCH (s:service) RETURN s {.¦", "property of s"),
            (
                "MATCH (s:service) RETURN s.owner {.$title, .¦",
                "property of s.owner",
            ),
            ("MATCH (s:service|api {¦", "property of :service|api"),
            ("MATCH (s:service {a: 1, b¦", "property of :service"),
            ("MATCH (s:service) RETURN f(s).¦", "property"),
            (
                "MATCH (s) WHERE ¦",
                "variable, function, parameter, operand",
            ),
            (
                "MATCH (s) WHERE s.a = ¦",
                "variable, function, parameter, operand",
            ),
            (
                "MATCH (s) RETURN $¦",
                "variable, function, parameter, operand",
            ),
            ("MATCH (s) RETURN s ORDER ¦", "BY"),
            ("MATCH (s) RETURN 1 AS ¦", ""),
            ("MATCH (s) RETURN s LIMIT 1 ¦", "operator, UNION"),
            ("MATCH (s) RETURN 'a ¦", ""),
            ("MATCH (s) // RETURN ¦", ""),
            ("MATCH (s) RETURN x) ¦", ""),
            ("MATCH ) ¦", ""),
        ];
        for (text, expected) in table {
            assert_eq!(at(text), expected, "{text}");
        }
    }

    #[test]
    fn the_word_being_written_is_where_it_starts() {
        let text = "MATCH (s:service) WHE";
        assert_eq!(expected(text, text.len()).start, 18);
        assert!(expected(text, text.len()).keywords.contains("WHERE"));
        assert_eq!(expected(text, 18).start, 18);
        assert_eq!(expected("RETURN 1 AND é", 14).start, 13);
        assert_eq!(expected("x", 99).start, 0);
    }

    #[test]
    fn variables_are_known_with_the_labels_seen_before() {
        let text = "MATCH (s:service|k8s-job)-[r:owner]->(t IS team), (u:!bot&user) WHERE size(s) > 1 \
                    UNWIND [1] AS one LET two = 2, x = 3 WITH [y IN one | y] AS ys MATCH p = (s:api {";
        let found = expected(text, text.len());
        let shown: Vec<String> = found
            .bindings
            .iter()
            .map(|binding| format!("{}:{}", binding.variable, binding.labels.join("|")))
            .collect();
        let wanted = [
            "s:service|k8s-job|api",
            "r:owner",
            "t:team",
            "u:user",
            "one:",
            "two:",
            "x:",
            "y:",
            "ys:",
            "p:",
        ];
        assert_eq!(shown, wanted);
        assert_eq!(
            found.property,
            Some(PropertyOf::Labels(vec!["api".to_owned()]))
        );
    }
}
