//! Port's searches and aggregations: the text of each, or its error.

use super::{expect_all, fixture, read, shown};
use crate::query::check;

#[test]
fn bodies_have_this_text() {
    let model = fixture::model();
    let cases = read(include_str!("cases/searches.txt"));
    assert!(cases.len() > 90);
    expect_all(&cases, |body| {
        let body = serde_json::from_str(body).unwrap();
        let question = match check::question(&model, &body) {
            Ok(question) => question,
            Err(error) => return vec![shown(&error)],
        };
        let mut found = vec![question.text.clone()];
        if let Err(error) = check::statement(&model, &question.text) {
            found.push(shown(&question.located(&model, error)));
        }
        found
    });
}
