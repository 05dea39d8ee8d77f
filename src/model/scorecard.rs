//! A scorecard: levels, and the rules that an entity of a blueprint must pass to reach them.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::identifier::Identifies;
use super::json::{At, Fields, insert_as_read, insert_text, one_or_list};
use super::path::{check_end, check_relation};
use super::rule::read_rules;
use super::{Rule, RuleTest, limits};
use crate::error::{Result, did_you_mean};

/// A scorecard of one blueprint. Reads and writes Port's JSON form, and takes expression text
/// (`"when"`) in place of a condition list.
#[derive(Clone, Debug, PartialEq)]
pub struct Scorecard {
    /// Unique within the catalog.
    pub identifier: Arc<str>,
    /// The name that people see.
    pub title: Option<String>,
    /// The blueprint whose entities it grades.
    pub blueprint: Arc<str>,
    /// Which entities take part; all where absent.
    pub filter: Option<RuleTest>,
    /// From the lowest up; the first holds without any rule.
    pub levels: Vec<ScorecardLevel>,
    /// The rules in the order of their declaration.
    pub rules: Vec<Rule>,
    /// The groups whose counts are kept: each a property, a relation, a meta-property, or a path
    /// of single relations to one (`system.domain`).
    pub groups: Vec<Arc<str>>,
    /// Every other key of the JSON form, given back unchanged; and `levels` as they were read.
    pub other: Map<String, Json>,
}

/// One level of a scorecard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScorecardLevel {
    /// The name that people and queries use.
    pub title: Arc<str>,
    /// The colour name.
    pub color: Option<String>,
}

/// The keys that decide what is graded, and how.
const KEYS: [&str; 6] = [
    "identifier",
    "blueprint",
    "filter",
    "levels",
    "rules",
    "groups",
];

/// The colours that Port knows (its API description lists 17).
const COLORS: [&str; 17] = [
    "blue",
    "turquoise",
    "orange",
    "purple",
    "pink",
    "yellow",
    "green",
    "red",
    "darkGray",
    "lightGray",
    "bronze",
    "gold",
    "silver",
    "paleBlue",
    "lime",
    "olive",
    "brown",
];

/// The levels of a scorecard that declares none.
const DEFAULT_LEVELS: [(&str, &str); 4] = [
    ("Basic", "paleBlue"),
    ("Bronze", "bronze"),
    ("Silver", "silver"),
    ("Gold", "gold"),
];

impl Scorecard {
    /// Reads Port's JSON form.
    ///
    /// # Errors
    /// `Invalid` with the path of what is wrong.
    pub fn from_json(json: &Json) -> Result<Self> {
        Self::read(&At::root(json)?)
    }

    /// Reads a document that holds one scorecard or a list of them.
    ///
    /// # Errors
    /// `Invalid` with the path of what is wrong.
    pub fn list_from_json(json: &Json) -> Result<Vec<Self>> {
        one_or_list(json, Self::read)
    }

    fn read(at: &At<'_>) -> Result<Self> {
        let mut fields = at.fields()?;
        let identifier = fields
            .need("identifier")?
            .identifier(Identifies::Scorecard)?;
        Self::read_fields(identifier, fields)
            .map_err(|error| error.context(format_args!("scorecard `{identifier}`")))
    }

    fn read_fields(identifier: &str, mut fields: Fields<'_>) -> Result<Self> {
        let blueprint = fields
            .need("blueprint")?
            .identifier(Identifies::Blueprint)?;
        fields.refuse_misspelled("a scorecard", &KEYS)?;
        let levels = match fields.peek("levels") {
            Some(at) => read_levels(&at)?,
            None => ScorecardLevel::defaults(),
        };
        let rules = match fields.peek("rules") {
            Some(at) => read_rules(&at, &levels)?,
            None => Vec::new(),
        };
        if !rules.is_empty() {
            fields.take("rules");
        }
        let groups = fields.peek("groups").map(|at| read_groups(&at));
        let groups = groups.transpose()?.unwrap_or_default();
        if !groups.is_empty() {
            fields.take("groups");
        }
        Ok(Self {
            identifier: identifier.into(),
            title: fields.text("title")?,
            blueprint: blueprint.into(),
            filter: fields
                .take("filter")
                .map(|at| RuleTest::read_filter(&at))
                .transpose()?,
            levels,
            rules,
            groups,
            other: fields.rest(),
        })
    }

    /// Writes Port's JSON form; what was read comes back.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut map = self.other.clone();
        map.insert("identifier".to_owned(), Json::from(&*self.identifier));
        map.insert("blueprint".to_owned(), Json::from(&*self.blueprint));
        insert_text(&mut map, "title", self.title.as_ref());
        if let Some(filter) = &self.filter {
            map.insert("filter".to_owned(), filter.filter_to_json());
        }
        insert_as_read(
            &mut map,
            "levels",
            &self.levels,
            &ScorecardLevel::defaults(),
            read_levels,
            |levels| levels.iter().map(ScorecardLevel::to_json).collect(),
        );
        if !self.rules.is_empty() {
            let rules = self
                .rules
                .iter()
                .map(|rule| rule.to_json(&self.levels))
                .collect();
            map.insert("rules".to_owned(), rules);
        }
        if !self.groups.is_empty() {
            let groups = self.groups.iter().map(|group| Json::from(&**group));
            map.insert("groups".to_owned(), groups.collect());
        }
        Json::Object(map)
    }

    /// A rule by identifier, with its place among the rules.
    #[must_use]
    pub fn rule(&self, identifier: &str) -> Option<(usize, &Rule)> {
        self.rules
            .iter()
            .enumerate()
            .find(|(_, rule)| *rule.identifier == *identifier)
    }

    /// The rank of a level by title.
    #[must_use]
    pub fn rank(&self, title: &str) -> Option<u16> {
        let place = self
            .levels
            .iter()
            .position(|level| *level.title == *title)?;
        u16::try_from(place).ok()
    }
}

impl ScorecardLevel {
    /// The levels of a scorecard that declares none: Basic, Bronze, Silver, Gold.
    #[must_use]
    pub fn defaults() -> Vec<Self> {
        let level = |(title, color): (&str, &str)| Self {
            title: title.into(),
            color: Some(color.into()),
        };
        DEFAULT_LEVELS.into_iter().map(level).collect()
    }

    fn read(at: &At<'_>) -> Result<Self> {
        let mut fields = at.fields()?;
        let title = fields.need("title")?;
        if title.string()?.is_empty() {
            return Err(title.error("the title of a level is empty"));
        }
        let color = fields.take("color");
        if let Some(at) = &color
            && !COLORS.contains(&at.string()?)
        {
            let name = at.string()?;
            let error = at.error(format!("unknown colour `{}`", name.escape_debug()));
            let help = did_you_mean(name, COLORS);
            let help = help.unwrap_or_else(|| format!("use one of `{}`", COLORS.join("`, `")));
            return Err(error.with_help(help));
        }
        let color = color.map(|at| at.string().map(str::to_owned)).transpose()?;
        let level = Self {
            title: title.string()?.into(),
            color,
        };
        fields.close("a level", &["title", "color"])?;
        Ok(level)
    }

    fn to_json(&self) -> Json {
        let mut map = Map::new();
        map.insert("title".to_owned(), Json::from(&*self.title));
        insert_text(&mut map, "color", self.color.as_ref());
        Json::Object(map)
    }
}

fn read_levels(at: &At<'_>) -> Result<Vec<ScorecardLevel>> {
    let list = at.array()?;
    at.at_most(list.len(), limits::LEVELS, "levels")?;
    let mut levels: Vec<ScorecardLevel> = Vec::with_capacity(list.len());
    for at in list {
        let level = ScorecardLevel::read(&at)?;
        if levels.iter().any(|known| known.title == level.title) {
            return Err(at.error(format!("level `{}` is declared twice", level.title)));
        }
        levels.push(level);
    }
    if levels.is_empty() {
        return Err(at.error("a scorecard needs at least one level"));
    }
    Ok(levels)
}

fn read_groups(at: &At<'_>) -> Result<Vec<Arc<str>>> {
    let list = at.array()?;
    at.at_most(list.len(), limits::GROUPS, "groups")?;
    let mut groups: Vec<Arc<str>> = Vec::with_capacity(list.len());
    for at in list {
        let path = at.string()?;
        check_group(&at, path)?;
        if groups.iter().any(|known| **known == *path) {
            return Err(at.error(format!("group `{path}` is declared twice")));
        }
        groups.push(path.into());
    }
    Ok(groups)
}

/// A group is relations, then what the entities are grouped by.
fn check_group(at: &At<'_>, path: &str) -> Result<()> {
    let mut relations: Vec<&str> = path.split('.').collect();
    let end = relations.pop().unwrap_or_default();
    at.at_most(
        relations.len(),
        limits::PATH_RELATIONS,
        "relations in a group",
    )?;
    for relation in relations {
        check_relation(relation, "a group").map_err(|error| at.place(error))?;
    }
    check_end(end).map_err(|error| at.place(error))
}
