//! What pest says about a text that does not parse, in words that say what to do.

use std::collections::BTreeSet;

use pest::error::{ErrorVariant, InputLocation};

use super::foreign;
use super::grammar::Rule;
use super::limit::closing;
use super::token::{Token, TokenKind};
use super::words::{self, follows_operand, keyword, phrase, starts_clause};
use crate::error::{Error, ErrorKind, Span, did_you_mean};

/// How many alternatives a message lists.
const MOST_ALTERNATIVES: usize = 6;

pub(super) fn diagnose(text: &str, tokens: &[Token], error: pest::error::Error<Rule>) -> Error {
    let at = position(&error);
    let rules = match error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives,
        // pest stops before the native stack runs out.
        ErrorVariant::CustomError { .. } => {
            return Error::new(
                ErrorKind::Limit,
                "the text nests too deep for this thread's stack",
            )
            .with_span(Span::new(at, at))
            .with_help("nest less, or ask from a thread with a larger stack");
        }
    };
    let tokens: Vec<Token> = tokens
        .iter()
        .filter(|token| token.kind != TokenKind::Comment)
        .copied()
        .collect();
    let index = tokens.partition_point(|token| token.span.end <= at);
    let (before, rest) = tokens.split_at_checked(index).unwrap_or((&tokens, &[]));
    let expected = Expected::of(&rules, open_bracket(text, before));
    let Some(found) = rest.first().copied() else {
        return at_end(text, before, &expected);
    };
    let shown: String = found.text(text).chars().take(40).collect();
    let message = format!("expected {}, found `{shown}`", expected.listed());
    let error = Error::syntax(message, found.span);
    match help(text, before, found, &expected) {
        Some(help) => error.with_help(help),
        None => error,
    }
}

pub(super) fn position(error: &pest::error::Error<Rule>) -> usize {
    match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    }
}

fn at_end(text: &str, before: &[Token], expected: &Expected) -> Error {
    let end = before.last().map_or(0, |token| token.span.end);
    let span = Span::new(end, end);
    if expected
        .keywords
        .iter()
        .any(|(rule, _)| *rule == Rule::kw_return)
    {
        return Error::syntax("the query has no RETURN", span)
            .with_help("end it with what it shall answer, as in `RETURN s` or `RETURN count(*)`");
    }
    let error = Error::syntax(
        format!("the text ends too early: expected {}", expected.listed()),
        span,
    );
    match before.last() {
        Some(last) if last.text(text) == "," => error.with_help("there is a comma too many"),
        _ => error,
    }
}

fn help(text: &str, before: &[Token], found: Token, expected: &Expected) -> Option<String> {
    if let Some(help) = foreign::help(text, before, found) {
        return Some(help.to_owned());
    }
    let previous = before.last().copied();
    if previous.is_some_and(|token| token.is_word(text, "order")) && found.is_word(text, "by") {
        return Some("there is a comma too many before ORDER BY".to_owned());
    }
    if found.kind == TokenKind::Word {
        if let Some((_, help)) = misspelt(found.text(text), expected) {
            return Some(help);
        }
        if words::is_keyword(found.text(text)) && expected.phrases.contains("a variable") {
            return Some("a keyword is quoted by backticks where it is a name".to_owned());
        }
    }
    if expected.phrases.contains("a query") {
        return Some("a query starts with MATCH or RETURN".to_owned());
    }
    if expected.phrases.iter().eq(&["a pattern"]) {
        return Some("a pattern is written `(variable:blueprint)`".to_owned());
    }
    // A mistyped keyword may have been taken for a name: then what follows it is unexpected.
    let previous = previous
        .filter(|token| token.kind == TokenKind::Word)?
        .text(text);
    let (word, help) = misspelt(previous, expected)?;
    let initial = |word: &str| word.chars().next().map(|c| c.to_ascii_uppercase());
    (initial(word) == initial(previous)).then(|| format!("{help} (in place of `{previous}`)"))
}

/// The expected keyword that a word nearly is, and what to say.
fn misspelt(word: &str, expected: &Expected) -> Option<(&'static str, String)> {
    if word.chars().count() < 3 || words::is_keyword(word) {
        return None;
    }
    let firsts = expected
        .keywords
        .iter()
        .filter_map(|(_, keyword)| keyword.split(' ').next());
    let help = did_you_mean(word, firsts.clone())?;
    let meant = firsts
        .into_iter()
        .find(|first| help.contains(&format!("`{first}`")))?;
    Some((meant, help))
}

/// The innermost bracket that is open after these tokens.
fn open_bracket<'t>(text: &'t str, before: &[Token]) -> Option<&'t str> {
    let mut closed = 0_usize;
    for token in before.iter().rev() {
        match token.kind {
            TokenKind::Close => closed += 1,
            TokenKind::Open if closed == 0 => return Some(token.text(text)),
            TokenKind::Open => closed -= 1,
            TokenKind::Word
            | TokenKind::Quoted
            | TokenKind::String
            | TokenKind::Number
            | TokenKind::Parameter
            | TokenKind::Comment
            | TokenKind::Symbol => {}
        }
    }
    None
}

/// What could stand at the place of an error.
struct Expected {
    phrases: BTreeSet<&'static str>,
    keywords: BTreeSet<(Rule, &'static str)>,
    clause: bool,
    operator: bool,
    /// The bracket that could be closed here.
    close: Option<&'static str>,
    end: bool,
}

impl Expected {
    fn of(rules: &[Rule], open: Option<&str>) -> Self {
        let operator = rules
            .iter()
            .any(|rule| follows_operand(*rule) && keyword(*rule).is_none());
        let mut expected = Self {
            phrases: BTreeSet::new(),
            keywords: BTreeSet::new(),
            clause: rules.iter().filter(|rule| starts_clause(**rule)).count() > 1,
            operator,
            close: open.filter(|_| operator).map(closing),
            end: rules.contains(&Rule::EOI),
        };
        for rule in rules {
            let beginnings = words::beginnings(rule).iter();
            expected
                .keywords
                .extend(beginnings.filter_map(|rule| Some((*rule, keyword(*rule)?))));
            let hidden = *rule == Rule::EOI
                || (expected.clause && starts_clause(*rule))
                || (operator && (follows_operand(*rule) || *rule == Rule::has_label));
            if !hidden {
                expected.phrases.extend(phrase(*rule));
            }
        }
        expected.drop_what_others_imply(rules);
        expected
    }

    fn drop_what_others_imply(&mut self, rules: &[Rule]) {
        // A sign can stand exactly where an operand can.
        if rules.contains(&Rule::op_neg) {
            self.phrases.remove("a variable");
            self.phrases.insert("an expression");
        }
        if self.phrases.contains("a property name") {
            self.phrases.remove("`name: value`");
        }
        // A path may go on with a node only after a parenthesised part.
        if self.clause {
            self.phrases.remove("a pattern");
        }
    }

    /// The alternatives, the most telling first.
    fn listed(&self) -> String {
        let mut parts: Vec<String> = self
            .phrases
            .iter()
            .map(|&phrase| phrase.to_owned())
            .collect();
        parts.extend(self.close.map(|close| format!("`{close}`")));
        let shown = self
            .keywords
            .iter()
            .filter(|(rule, _)| !self.is_grouped(*rule));
        let shown: BTreeSet<&str> = shown.map(|(_, word)| *word).collect();
        parts.extend(shown.iter().map(|word| format!("`{word}`")));
        parts.truncate(MOST_ALTERNATIVES - 1);
        let groups = [
            (self.clause && !self.phrases.contains("a query"), "a clause"),
            (self.operator, "an operator"),
            (self.end, "the end"),
        ];
        parts.extend(
            groups
                .iter()
                .filter(|(on, _)| *on)
                .map(|(_, group)| (*group).to_owned()),
        );
        match parts.pop() {
            None => "something else".to_owned(),
            Some(only) if parts.is_empty() => only,
            Some(last) => format!("{} or {last}", parts.join(", ")),
        }
    }

    /// Whether a keyword is covered by a phrase or a group.
    fn is_grouped(&self, rule: Rule) -> bool {
        self.phrases.contains("a query")
            || (self.clause && starts_clause(rule))
            || (self.operator && follows_operand(rule))
            || (rule == Rule::op_not && self.phrases.contains("an expression"))
    }
}
