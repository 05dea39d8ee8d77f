//! Regular expressions as jq uses them: matches with their groups, and what comes of them.

use std::cell::RefCell;
use std::sync::Arc;

use regex::{Captures, Regex, RegexBuilder};

use super::super::argument::any;
use super::text::push;
use super::{Context, Function, check_size, list_of, row, text_of, wrong};
use crate::error::{Error, ErrorKind, Result};
use crate::value::{Fields, Value};

/// How large one compiled pattern may be in memory.
const SIZE_LIMIT: usize = 1 << 20;
/// How many compiled patterns are kept.
const KEPT: usize = 32;

/// Each takes the text, the pattern and the flags, unless it says otherwise.
pub(super) const FUNCTIONS: &[Function] = &[
    row("jq_test", 3, |_, arguments| {
        let (text, search) = search(arguments)?;
        let mut found = search.regex.captures_iter(text);
        Ok(Value::Bool(found.any(|found| search.takes(&found))))
    }),
    row("jq_matches", 3, |_, arguments| {
        let (text, search) = search(arguments)?;
        listed(
            search
                .all(text)
                .map(|found| shown(&search.regex, text, &found)),
        )
    }),
    row("jq_captures", 3, |_, arguments| {
        let (text, search) = search(arguments)?;
        listed(search.all(text).map(|found| named(&search.regex, &found)))
    }),
    row("jq_scan", 3, |_, arguments| {
        let (text, search) = search(arguments)?;
        listed(search.all(text).map(|found| scanned(&found)))
    }),
    row("jq_split_by", 3, |_, arguments| {
        let (text, search) = search(arguments)?;
        let mut parts = Vec::new();
        let mut from = 0;
        for found in search.all(text) {
            if let Some(whole) = found.get(0) {
                parts.push(Value::from(
                    text.get(from..whole.start()).unwrap_or_default(),
                ));
                from = whole.end();
            }
        }
        parts.push(Value::from(text.get(from..).unwrap_or_default()));
        listed(parts.into_iter())
    }),
    row("jq_replace", 4, replace),
];

/// Refuses a pattern or flags that no text can be searched with.
#[cfg(feature = "jq")]
pub(crate) fn check(pattern: &str, flags: &str) -> Result<()> {
    Search::new(pattern, flags).map(|_| ())
}

/// A compiled pattern with what its flags say.
#[derive(Clone, Debug)]
struct Search {
    regex: Regex,
    global: bool,
    skip_empty: bool,
}

/// A search by its pattern and flags.
type Known = (Box<str>, Box<str>, Search);

thread_local! {
    /// The patterns used last, the latest last: functions are given no place to keep them.
    static KNOWN: RefCell<Vec<Known>> = const { RefCell::new(Vec::new()) };
}

/// The text and the search of a function; a pattern may come with its flags in an array.
fn search(arguments: &[Value]) -> Result<(&str, Search)> {
    let text = text_of(any(arguments, 0))?;
    let (pattern, flags) = match any(arguments, 1) {
        Value::List(both) => (any(both, 0), any(both, 1)),
        pattern => (pattern, any(arguments, 2)),
    };
    let flags = match flags {
        Value::Null => "",
        flags => text_of(flags)?,
    };
    // A function that finds all has a `g` before the flags of an array, too.
    let global = matches!(any(arguments, 2), Value::String(flags) if flags.starts_with('g'));
    let mut search = known(text_of(pattern)?, flags)?;
    search.global |= global;
    Ok((text, search))
}

fn known(pattern: &str, flags: &str) -> Result<Search> {
    KNOWN.with_borrow_mut(|known| {
        let mut kept = known.iter().rev();
        if let Some((.., search)) = kept.find(|(p, f, _)| **p == *pattern && **f == *flags) {
            return Ok(search.clone());
        }
        let search = Search::new(pattern, flags)?;
        if known.len() >= KEPT {
            known.remove(0);
        }
        known.push((pattern.into(), flags.into(), search.clone()));
        Ok(search)
    })
}

impl Search {
    fn new(pattern: &str, flags: &str) -> Result<Self> {
        let mut builder = RegexBuilder::new(pattern);
        builder.size_limit(SIZE_LIMIT).dfa_size_limit(SIZE_LIMIT);
        let (mut global, mut skip_empty) = (false, false);
        for flag in flags.chars() {
            match flag {
                'g' => global = true,
                'n' => skip_empty = true,
                'i' => _ = builder.case_insensitive(true),
                'x' => _ = builder.ignore_whitespace(true),
                'p' => _ = builder.dot_matches_new_line(true),
                // `^` and `$` mean the ends of the text anyway.
                's' => {}
                'l' => return Err(Error::invalid("the flag `l` of a pattern")),
                other => {
                    return Err(Error::invalid(format!(
                        "`{other}` is not a flag of a pattern"
                    )));
                }
            }
        }
        let regex = builder.build().map_err(|error| refused(pattern, &error))?;
        Ok(Self {
            regex,
            global,
            skip_empty,
        })
    }

    fn takes(&self, found: &Captures<'_>) -> bool {
        let empty = found.get(0).is_none_or(|whole| whole.is_empty());
        !(self.skip_empty && empty)
    }

    /// The matches: all, or the first.
    fn all<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Captures<'t>> {
        let most = if self.global { usize::MAX } else { 1 };
        let found = self.regex.captures_iter(text);
        found.filter(|found| self.takes(found)).take(most)
    }
}

fn refused(pattern: &str, error: &regex::Error) -> Error {
    if let regex::Error::CompiledTooBig(_) = error {
        let message = format!("the pattern needs more than {SIZE_LIMIT} bytes when compiled");
        return Error::new(ErrorKind::Limit, message)
            .with_help("this limit is fixed: use shorter repetitions");
    }
    // The crate's message shows the pattern over several lines; its last says what is wrong.
    let detail = error.to_string();
    let detail = detail.lines().last().unwrap_or_default();
    let detail = detail.trim_start_matches("error: ");
    Error::invalid(format!("`{pattern}` is not a pattern: {detail}"))
}

fn listed(found: impl Iterator<Item = Value>) -> Result<Value> {
    let list = Value::list(found);
    check_size(&list)?;
    Ok(list)
}

fn map<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let fields = fields
        .into_iter()
        .map(|(key, value)| (Arc::from(key), value));
    Value::Map(Arc::new(fields.collect()))
}

fn count(text: &str) -> Value {
    Value::Int(i64::try_from(text.chars().count()).unwrap_or(i64::MAX))
}

/// A match as `match` gives it; places are counted in characters.
fn shown(regex: &Regex, text: &str, found: &Captures<'_>) -> Value {
    let place = |group: Option<regex::Match<'_>>| match group {
        None => (Value::Int(-1), Value::Int(0), Value::Null),
        Some(group) => {
            let before = text.get(..group.start()).unwrap_or_default();
            (
                count(before),
                count(group.as_str()),
                Value::from(group.as_str()),
            )
        }
    };
    let groups = found.iter().zip(regex.capture_names()).skip(1);
    let captures = groups.map(|(group, name)| {
        let (offset, length, string) = place(group);
        let name = Value::from(name);
        map([
            ("offset", offset),
            ("length", length),
            ("string", string),
            ("name", name),
        ])
    });
    let captures = Value::list(captures);
    let (offset, length, string) = place(found.get(0));
    map([
        ("offset", offset),
        ("length", length),
        ("string", string),
        ("captures", captures),
    ])
}

/// The groups that have names.
fn named(regex: &Regex, found: &Captures<'_>) -> Value {
    let names = regex.capture_names().flatten();
    let fields: Fields = names
        .map(|name| {
            let group = found.name(name).map(|group| group.as_str());
            (Arc::from(name), Value::from(group))
        })
        .collect();
    Value::Map(Arc::new(fields))
}

/// The whole match, or its groups where it has some.
fn scanned(found: &Captures<'_>) -> Value {
    let text = |group: Option<regex::Match<'_>>| Value::from(group.map(|group| group.as_str()));
    if found.len() == 1 {
        return text(found.get(0));
    }
    Value::list(found.iter().skip(1).map(text))
}

/// Puts texts, the fourth argument, in the places of the matches, in their order.
fn replace(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let (text, search) = search(arguments)?;
    let (mut replaced, mut from) = (String::new(), 0);
    for (found, by) in search.all(text).zip(list_of(any(arguments, 3))?) {
        let Value::String(by) = by else {
            return Err(wrong("a string as a replacement", by));
        };
        if let Some(whole) = found.get(0) {
            push(
                &mut replaced,
                text.get(from..whole.start()).unwrap_or_default(),
            )?;
            push(&mut replaced, by)?;
            from = whole.end();
        }
    }
    push(&mut replaced, text.get(from..).unwrap_or_default())?;
    Ok(Value::string(replaced))
}
