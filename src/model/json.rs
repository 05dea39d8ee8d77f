//! Reading JSON with the path of whatever is wrong, and keeping every key that was not taken.

use serde_json::{Map, Value as Json};

use super::identifier::Identifies;
use super::limits;
use crate::error::{Error, ErrorKind, Result, did_you_mean};

/// A value inside a JSON document, with its JSON pointer.
#[derive(Clone, Debug)]
pub(crate) struct At<'a> {
    json: &'a Json,
    path: String,
}

impl<'a> At<'a> {
    /// The document itself.
    ///
    /// # Errors
    /// `Limit` where it is nested so deep that walking it could exhaust the stack.
    pub(crate) fn root(json: &'a Json) -> Result<Self> {
        if !nested_within(json, limits::JSON_DEPTH) {
            let message = format!("nested deeper than {} levels", limits::JSON_DEPTH);
            return Err(Error::new(ErrorKind::Limit, message).with_help("flatten the document"));
        }
        Ok(Self {
            json,
            path: String::new(),
        })
    }

    pub(crate) const fn json(&self) -> &'a Json {
        self.json
    }

    /// The JSON pointer of this place.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// An `Invalid` error at this place.
    pub(crate) fn error(&self, message: impl Into<String>) -> Error {
        self.place(Error::invalid(message))
    }

    /// An `Invalid` error at a place below this one.
    pub(crate) fn error_under(&self, keys: &[&str], message: impl Into<String>) -> Error {
        let path = keys
            .iter()
            .fold(self.path.clone(), |path, key| pointer(&path, key));
        Error::invalid(message).with_path(path)
    }

    /// Puts an error at this place.
    pub(crate) fn place(&self, error: Error) -> Error {
        // The pointer of the document itself is empty: there is nothing to show.
        if self.path.is_empty() {
            error
        } else {
            error.with_path(self.path.clone())
        }
    }

    /// An error that says what should be here, and what is.
    pub(crate) fn expected(&self, what: &str) -> Error {
        self.error(format!("expected {what}, got {}", shown(self.json)))
    }

    /// Refuses more of something than its limit.
    pub(crate) fn at_most(&self, count: usize, limit: usize, what: &str) -> Result<()> {
        if count <= limit {
            return Ok(());
        }
        let error = Error::new(
            ErrorKind::Limit,
            format!("{count} {what}, more than the limit"),
        );
        Err(self.place(error.with_help(format!("use at most {limit}"))))
    }

    pub(crate) fn string(&self) -> Result<&'a str> {
        self.json.as_str().ok_or_else(|| self.expected("a string"))
    }

    /// A text of some language, called `what`: neither empty nor longer than the limit.
    pub(crate) fn text(&self, bytes: usize, what: &str) -> Result<&'a str> {
        let text = self.string()?;
        if text.trim().is_empty() {
            return Err(self.error(format!("the {what} is empty")));
        }
        self.at_most(text.len(), bytes, &format!("bytes of {what} text"))?;
        Ok(text)
    }

    pub(crate) fn bool(&self) -> Result<bool> {
        self.json
            .as_bool()
            .ok_or_else(|| self.expected("true or false"))
    }

    /// A text that obeys the rules of what it identifies.
    pub(crate) fn identifier(&self, what: Identifies) -> Result<&'a str> {
        let text = self.string()?;
        what.check(text).map_err(|error| self.place(error))?;
        Ok(text)
    }

    pub(crate) fn array(&self) -> Result<impl ExactSizeIterator<Item = At<'a>> + use<'a>> {
        let values = self
            .json
            .as_array()
            .ok_or_else(|| self.expected("a list"))?;
        let path = self.path.clone();
        let child = move |(at, json)| At {
            json,
            path: format!("{path}/{at}"),
        };
        Ok(values.iter().enumerate().map(child))
    }

    pub(crate) fn map(&self) -> Result<&'a Map<String, Json>> {
        self.json
            .as_object()
            .ok_or_else(|| self.expected("an object"))
    }

    /// The fields of an object whose keys are known beforehand.
    pub(crate) fn fields(&self) -> Result<Fields<'a>> {
        Ok(Fields {
            map: self.map()?,
            at: self.clone(),
            taken: Vec::new(),
        })
    }

    /// The entries of an object whose keys are names that users chose.
    pub(crate) fn named(
        &self,
    ) -> Result<impl ExactSizeIterator<Item = (&'a str, At<'a>)> + use<'a>> {
        let map = self.map()?;
        for name in map.keys() {
            Identifies::Name
                .check(name)
                .map_err(|error| self.child_path(name, error))?;
        }
        let at = self.clone();
        Ok(map
            .iter()
            .map(move |(name, json)| (name.as_str(), at.child(name, json))))
    }

    fn child(&self, key: &str, json: &'a Json) -> Self {
        Self {
            json,
            path: pointer(&self.path, key),
        }
    }

    fn child_path(&self, key: &str, error: Error) -> Error {
        error.with_path(pointer(&self.path, key))
    }
}

/// A JSON pointer one step longer (RFC 6901).
pub(crate) fn pointer(path: &str, key: &str) -> String {
    format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// The fields of an object: known ones are taken, the rest is kept.
///
/// A key whose value says the same as its absence (null, or what the caller leaves untaken) stays
/// in the rest, so that writing gives back exactly what was read.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    map: &'a Map<String, Json>,
    at: At<'a>,
    taken: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The place of the object itself.
    pub(crate) const fn at(&self) -> &At<'a> {
        &self.at
    }

    /// The value of a key without taking it; `None` also for null.
    pub(crate) fn peek(&self, key: &str) -> Option<At<'a>> {
        let json = self.map.get(key)?;
        (!json.is_null()).then(|| self.at.child(key, json))
    }

    /// Takes a key; `None` where it is absent or null.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<At<'a>> {
        let at = self.peek(key)?;
        self.taken.push(key);
        Some(at)
    }

    /// Takes a key that must be there.
    pub(crate) fn need(&mut self, key: &'static str) -> Result<At<'a>> {
        self.take(key)
            .ok_or_else(|| self.at.error(format!("missing `{key}`")))
    }

    /// Takes a text.
    pub(crate) fn text(&mut self, key: &'static str) -> Result<Option<String>> {
        self.take(key)
            .map(|at| at.string().map(str::to_owned))
            .transpose()
    }

    /// Takes a flag; one that is false, as if it were absent, stays in the rest.
    pub(crate) fn flag(&mut self, key: &'static str) -> Result<bool> {
        let Some(at) = self.peek(key) else {
            return Ok(false);
        };
        let set = at.bool()?;
        if set {
            self.taken.push(key);
        }
        Ok(set)
    }

    /// Every key that was not taken.
    pub(crate) fn rest(self) -> Map<String, Json> {
        let kept = self
            .map
            .iter()
            .filter(|(key, _)| !self.taken.contains(&key.as_str()));
        kept.map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    /// Refuses every key that was not taken: the object is closed, and `known` are its keys.
    pub(crate) fn close(self, of: &str, known: &[&str]) -> Result<()> {
        let mut unknown = self.map.iter().filter(|(key, value)| {
            !self.taken.contains(&key.as_str()) && !says_nothing(key, value, known)
        });
        match unknown.next() {
            None => Ok(()),
            Some((key, _)) => {
                Err(self.unknown_key(key, of, did_you_mean(key, known.iter().copied())))
            }
        }
    }

    /// Refuses a key that looks like one of the meaningful ones misspelled: the object is open, but
    /// what was meant to count must not be kept as if it were a note.
    pub(crate) fn refuse_misspelled(&self, of: &str, meaningful: &[&str]) -> Result<()> {
        for key in self
            .map
            .keys()
            .filter(|key| !meaningful.contains(&key.as_str()))
        {
            let absent = meaningful
                .iter()
                .filter(|known| !self.map.contains_key(**known));
            if let Some(help) = did_you_mean(key, absent.copied()) {
                return Err(self.unknown_key(key, of, Some(help)));
            }
        }
        Ok(())
    }

    fn unknown_key(&self, key: &str, of: &str, help: Option<String>) -> Error {
        let error = Error::invalid(format!("unknown key `{}` in {of}", key.escape_debug()));
        let error = self.at.child_path(key, error);
        match help {
            Some(help) => error.with_help(help),
            None => error,
        }
    }
}

/// Whether a known key stands for its absence.
fn says_nothing(key: &str, value: &Json, known: &[&str]) -> bool {
    value.is_null() && known.contains(&key)
}

/// Reads a document that holds one thing or a list of them.
pub(crate) fn one_or_list<T>(json: &Json, read: impl Fn(&At<'_>) -> Result<T>) -> Result<Vec<T>> {
    let root = At::root(json)?;
    if json.is_array() {
        return root.array()?.map(|at| read(&at)).collect();
    }
    Ok(vec![read(&root)?])
}

/// Whether a value is nested at most `limit` levels deep.
pub(crate) fn nested_within(json: &Json, limit: usize) -> bool {
    match json {
        Json::Array(values) => {
            limit > 0 && values.iter().all(|value| nested_within(value, limit - 1))
        }
        Json::Object(fields) => {
            limit > 0 && fields.values().all(|value| nested_within(value, limit - 1))
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => true,
    }
}

/// A value as a message shows it: its kind, and its text where that is short to tell.
pub(crate) fn shown(json: &Json) -> String {
    match json {
        Json::Null => "null".to_owned(),
        Json::Bool(value) => format!("`{value}`"),
        Json::Number(number) => format!("`{number}`"),
        Json::String(text) => format!("the string `{}`", shortened(text)),
        Json::Array(values) if values.is_empty() => "an empty list".to_owned(),
        Json::Array(_) => "a list".to_owned(),
        Json::Object(_) => "an object".to_owned(),
    }
}

/// The beginning of a text, on one line.
pub(crate) fn shortened(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut start: String = text
        .chars()
        .take(LONGEST)
        .flat_map(char::escape_debug)
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        start.push('…');
    }
    start
}

/// Puts named members into an object under one key, where there are any.
pub(crate) fn insert_named<'a>(
    map: &mut Map<String, Json>,
    key: &str,
    members: impl Iterator<Item = (&'a str, Json)>,
) {
    let members: Map<String, Json> = members
        .map(|(name, json)| (name.to_owned(), json))
        .collect();
    if !members.is_empty() {
        map.insert(key.to_owned(), Json::Object(members));
    }
}

/// Puts a text into an object, where there is one.
pub(crate) fn insert_text(map: &mut Map<String, Json>, key: &str, text: Option<&String>) {
    if let Some(text) = text {
        map.insert(key.to_owned(), Json::from(text.as_str()));
    }
}

/// Sets a field that can be written in more than one way: as it was read, which `map` still holds,
/// where that says the same as the field does now; anew where it does not. What is `absent` is
/// written by leaving the key out.
pub(crate) fn insert_as_read<T: Clone + PartialEq>(
    map: &mut Map<String, Json>,
    key: &str,
    field: &T,
    absent: &T,
    read: impl Fn(&At<'_>) -> Result<T>,
    write: impl Fn(&T) -> Json,
) {
    let says = match map.get(key) {
        None | Some(Json::Null) => Some(absent.clone()),
        Some(json) => At::root(json).and_then(|at| read(&at)).ok(),
    };
    if says.as_ref() == Some(field) {
        return;
    }
    if field == absent {
        map.remove(key);
    } else {
        map.insert(key.to_owned(), write(field));
    }
}
