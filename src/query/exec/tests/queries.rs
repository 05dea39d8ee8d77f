//! Query texts with their exact answers.

use super::{ask, text};

/// Runs each query and compares its rows: cells separated by commas, rows by bars.
fn check(table: &[(&str, &str)]) {
    let state = super::fixture::catalog();
    let mut wrong = Vec::new();
    for (query, expected) in table {
        let answer = match ask(&state, query, &[]) {
            Ok(answer) => text(&answer),
            Err(error) => format!("{error:#}"),
        };
        if answer != *expected {
            wrong.push(format!(
                "{query}\n  expected {expected}\n  found    {answer}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn scans_and_indexes() {
    check(&[
        (
            "MATCH (s:service) WHERE s.tier = 1 RETURN s.$identifier AS id ORDER BY id",
            "auth | pay | web",
        ),
        (
            "MATCH (s:service {tier: 3}) RETURN s.$identifier AS id ORDER BY id",
            "cron | jobs",
        ),
        (
            "MATCH (s:service {$identifier: 'pay'}) RETURN s.lang, s.tier",
            "java, 1",
        ),
        (
            "MATCH (s:service) WHERE s.$identifier = 'nothing' RETURN s.lang",
            "",
        ),
        (
            "MATCH (s:service) WHERE s.tier <> 1 RETURN s.$identifier AS id ORDER BY id",
            "cron | jobs | ledger",
        ),
        (
            "MATCH (s:service) WHERE s.tier > 1 AND s.tier <= 3 RETURN s.$identifier AS id ORDER BY id",
            "cron | jobs | ledger",
        ),
        (
            "MATCH (s:service) WHERE 2 > s.tier RETURN s.$identifier AS id ORDER BY id",
            "auth | pay | web",
        ),
        (
            "MATCH (s:service) WHERE s.tier IN [2, 3, null] RETURN s.$identifier AS id ORDER BY id",
            "cron | jobs | ledger",
        ),
        (
            "MATCH (s:service) WHERE NOT s.tier IN [1, null] RETURN s.$identifier AS id",
            "",
        ),
        (
            "MATCH (s:service) WHERE s.tier IS NULL RETURN s.$identifier AS id ORDER BY id",
            "old | old-db | plain",
        ),
        (
            "MATCH (s:service) WHERE s.cost IS NOT NULL RETURN s.$identifier AS id ORDER BY id",
            "auth | jobs | pay | web",
        ),
        (
            "MATCH (s:service) WHERE s.cost >= 10.5 RETURN s.$identifier AS id ORDER BY id",
            "pay | web",
        ),
        (
            "MATCH (s:service) WHERE s.cost = 20.0 RETURN s.$identifier AS id",
            "pay",
        ),
        (
            "MATCH (s:service) WHERE s.on_call RETURN s.$identifier AS id ORDER BY id",
            "pay | web",
        ),
        (
            "MATCH (s:service) WHERE NOT s.on_call RETURN s.$identifier AS id ORDER BY id",
            "jobs | ledger",
        ),
        (
            "MATCH (s:service) WHERE s.lang STARTS WITH 'r' RETURN s.$identifier AS id ORDER BY id",
            "jobs | web",
        ),
        (
            "MATCH (s:service) WHERE s.lang ENDS WITH 'ol' RETURN s.$identifier AS id",
            "old-db",
        ),
        (
            "MATCH (s:service) WHERE s.lang CONTAINS 'av' RETURN s.$identifier AS id ORDER BY id",
            "ledger | pay",
        ),
    ]);
}

#[test]
fn lists_titles_and_instants() {
    check(&[
        (
            "MATCH (s:service) WHERE s.tags CONTAINS 'pci' RETURN s.$identifier AS id ORDER BY id",
            "old-db | pay | web",
        ),
        (
            "MATCH (s:service) WHERE 'edge' IN s.tags RETURN s.$identifier AS id ORDER BY id",
            "auth | web",
        ),
        (
            "MATCH (s:service) WHERE s.tags CONTAINS ANY ['legacy', 'edge'] RETURN s.$identifier AS id ORDER BY id",
            "auth | old-db | web",
        ),
        (
            "MATCH (s:service) WHERE s.tags CONTAINS ALL ['pci', 'edge'] RETURN s.$identifier AS id",
            "web",
        ),
        (
            "MATCH (s:service) WHERE s.tags IS EMPTY RETURN s.$identifier AS id ORDER BY id",
            "cron | jobs | ledger | old | plain",
        ),
        (
            "MATCH (s:service) WHERE s.$team CONTAINS 'payments' RETURN s.$identifier AS id",
            "plain",
        ),
        (
            "MATCH (s:service) WHERE s.$title = 'PAY' RETURN s.$identifier AS id",
            "pay",
        ),
        (
            "MATCH (s:service) WHERE s.$title STARTS WITH 'O' RETURN s.$identifier AS id ORDER BY id",
            "old | old-db",
        ),
        (
            "MATCH (s:service) WHERE s.$title IS NULL RETURN s.$identifier",
            "plain",
        ),
        (
            "MATCH (s:service) WHERE s.deployed > '2024-04-15' RETURN s.$identifier",
            "web",
        ),
        (
            "MATCH (s:service) WHERE s.deployed >= now() - 90d RETURN s.$identifier AS id ORDER BY id",
            "pay | web",
        ),
        (
            "MATCH (s:service) WHERE s.deployed = '2024-04-01T12:00:00+02:00' RETURN s.$identifier",
            "pay",
        ),
        (
            "MATCH (s:service) WHERE s.tier BETWEEN 2 AND 3 RETURN s.$identifier AS id ORDER BY id",
            "cron | jobs | ledger",
        ),
        (
            "MATCH (s:service) WHERE s.tier = 1 OR s.lang = 'cobol' RETURN s.$identifier AS id ORDER BY id",
            "auth | old-db | pay | web",
        ),
        (
            "MATCH (s:service|api) WHERE s.$identifier = 'auth' RETURN s.$blueprint AS b ORDER BY b",
            "api | service",
        ),
    ]);
}

#[test]
fn texts_and_patterns() {
    check(&[
        (
            "MATCH (s:service) WHERE s.lang LIKE 'r_s%' RETURN s.$identifier AS id ORDER BY id",
            "jobs | web",
        ),
        (
            "MATCH (s:service) WHERE s.lang ILIKE 'RUST' RETURN s.$identifier AS id ORDER BY id",
            "cron | jobs | web",
        ),
        (
            "MATCH (s:service) WHERE s.lang NOT LIKE '%a%' RETURN s.$identifier AS id ORDER BY id",
            "auth | cron | jobs | old-db | web",
        ),
        (
            "MATCH (s:service) WHERE s.lang =~ '[jg].*' RETURN s.$identifier AS id ORDER BY id",
            "auth | ledger | pay",
        ),
        (
            "MATCH (s:service) WHERE s.lang =~ 'ru' RETURN s.$identifier",
            "",
        ),
        (
            "RETURN 'a' + 'b' AS x, 'a' || 'b' AS y, 'n' + 1 AS z",
            "ab, ab, n1",
        ),
        (
            "RETURN '50%' LIKE '50\\\\%' AS x, '5.0' LIKE '5_0' AS y, 'a\nb' LIKE 'a%' AS z",
            "true, true, true",
        ),
        (
            "RETURN upper('abc') AS x, split('a,b', ',') AS y, substring('hello', 1, 3) AS z",
            r#"ABC, ["a","b"], ell"#,
        ),
    ]);
}

#[test]
fn expressions() {
    check(&[
        (
            "RETURN 1 + 2 * 3 AS x, 7 / 2 AS y, 7 % 4 AS z, 2 ^ 3 AS p",
            "7, 3, 3, 8.0",
        ),
        (
            "RETURN 7.0 / 2 AS x, -3 AS y, 1 + null AS z",
            "3.5, -3, null",
        ),
        (
            "RETURN [1, 2] + 3 AS x, [1, 2, 3][-1] AS y, [1, 2, 3][5] AS z, [1, 2, 3][0..2] AS s",
            "[1,2,3], 3, null, [1,2]",
        ),
        (
            "RETURN CASE WHEN 1 > 2 THEN 'a' WHEN null THEN 'b' ELSE 'c' END AS x",
            "c",
        ),
        (
            "RETURN CASE 2 WHEN 1 THEN 'a' WHEN 2 THEN 'b' END AS x",
            "b",
        ),
        (
            "RETURN [x IN range(1, 5) WHERE x % 2 = 1 | x * 10] AS odd",
            "[10,30,50]",
        ),
        (
            "RETURN all(x IN [1, 2] WHERE x > 0) AS a, any(x IN [1, null] WHERE x > 1) AS b, none(x IN [] WHERE x > 1) AS c, single(x IN [1, 2] WHERE x > 1) AS d",
            "true, null, true, true",
        ),
        (
            "RETURN {a: 1, b: [2]}.b AS x, {a: 1}.nothing AS y",
            "[2], null",
        ),
        (
            "MATCH (s:service {$identifier: 'web'}) RETURN s.meta.stars AS x, s.meta['repo'] AS y",
            "7, web",
        ),
        (
            "RETURN datetime('2024-01-31T00:00:00Z') + 1mo AS x, datetime('2024-03-01') - datetime('2024-02-01') AS y",
            r#""2024-02-29T00:00:00Z", "P29D""#,
        ),
        (
            "RETURN now() AS x, today() AS y",
            r#""2024-05-31T12:00:00Z", "2024-05-31T00:00:00Z""#,
        ),
        (
            "RETURN null = null AS a, null <> 1 AS b, 1 = 1.0 AS c, 'a' = 1 AS d, [1, null] = [1, 2] AS e, [1, null] = [2, null] AS f",
            "null, null, true, false, null, false",
        ),
        (
            "RETURN 1 < 'a' AS a, 'a' < 'b' AS b, true > false AS c, null IS NULL AS d",
            "null, true, true, true",
        ),
        (
            "RETURN true XOR null AS a, true XOR false AS b, NOT null AS c",
            "null, true, null",
        ),
        (
            "MATCH (s:service {$identifier: 'web'}) RETURN s:service AS a, s:api AS b",
            "true, false",
        ),
    ]);
}

#[test]
fn relations_by_dot() {
    check(&[
        (
            "MATCH (s:service {$identifier: 'web'}) RETURN s.owner.$title AS owner, s.depends_on.$identifier AS deps",
            r#"PLATFORM, ["pay","auth"]"#,
        ),
        (
            "MATCH (s:service {$identifier: 'web'}) RETURN s.depends_on.depends_on.$identifier AS x",
            r#"["ledger","auth"]"#,
        ),
        (
            "MATCH (s:service {$identifier: 'cron'}) RETURN s.owner.$title AS owner, s.depends_on.$identifier AS deps, s.owner IS NULL AS n",
            "null, [], true",
        ),
        (
            "MATCH (s:service) WHERE s.owner.parent.$identifier = 'platform' RETURN s.$identifier AS id ORDER BY id",
            "jobs | pay",
        ),
        (
            "MATCH (s:service) WHERE s.owner.region = 'eu' RETURN s.$identifier AS id ORDER BY id",
            "auth | web",
        ),
        (
            "MATCH (s:service) WHERE s.system.lead.size > 4 RETURN s.$identifier AS id ORDER BY id",
            "pay | web",
        ),
        (
            "MATCH (s:service {$identifier: 'jobs'}) RETURN s.depends_on.tags AS tags",
            r#"["edge","pci"]"#,
        ),
        (
            "MATCH (s:service) WHERE size(s.depends_on) > 1 RETURN s.$identifier",
            "web",
        ),
    ]);
}

#[test]
fn patterns() {
    check(&[
        (
            "MATCH (t:team {$identifier: 'payments'})<-[:owner]-(s:service) RETURN s.$identifier AS id ORDER BY id",
            "jobs | pay",
        ),
        (
            "MATCH (s:service)-[:owner]->(t:team)-[:parent]->(p:team) RETURN s.$identifier AS s, p.$identifier AS p ORDER BY s",
            "jobs, platform | ledger, payments | pay, platform",
        ),
        (
            "MATCH (a:service)-[:depends_on]->(b:service)-[:depends_on]->(a) RETURN a.$identifier AS a, b.$identifier AS b ORDER BY a",
            "ledger, pay | pay, ledger",
        ),
        (
            "MATCH (a:service)-[:depends_on]->(a) RETURN a.$identifier",
            "auth",
        ),
        (
            "MATCH (a:service {$identifier: 'auth'})-[:depends_on]-(b) RETURN b.$identifier AS b ORDER BY b",
            "auth | web",
        ),
        (
            "MATCH (a:service {$identifier: 'web'})-[:depends_on]->(b)<-[:depends_on]-(c) RETURN b.$identifier AS b, c.$identifier AS c ORDER BY b, c",
            "auth, auth | pay, ledger",
        ),
        (
            "MATCH REPEATABLE ELEMENTS (a:service {$identifier: 'web'})-[:depends_on]->(b)<-[:depends_on]-(c) RETURN b.$identifier AS b, c.$identifier AS c ORDER BY b, c",
            "auth, auth | auth, web | pay, ledger | pay, web",
        ),
        (
            "MATCH (s:service {$identifier: 'pay'})-[:owner|system]->(x) RETURN x.$blueprint AS b, x.$identifier AS id ORDER BY b",
            "system, shop | team, payments",
        ),
        (
            "MATCH (s:service {$identifier: 'pay'})-->(x) RETURN x.$identifier AS id ORDER BY id",
            "ledger | pay-v1 | pay-v2 | payments | shop",
        ),
        (
            "MATCH (s:service {$identifier: 'web'})<--(x) RETURN x.$identifier AS id ORDER BY id",
            "jobs | pay-v1 | pay-v2",
        ),
        (
            "MATCH (s:service), (t:team) WHERE s.tier = 2 AND t.size < 6 RETURN s.$identifier AS s, t.$identifier AS t ORDER BY t",
            "ledger, ledger | ledger, payments",
        ),
        (
            "MATCH (s:service)-[:owner]->(t) MATCH (t)-[:parent]->(p) RETURN s.$identifier AS s, p.$identifier AS p ORDER BY s",
            "jobs, platform | ledger, payments | pay, platform",
        ),
        (
            "MATCH (a:service)-[:owner]->(t), (b:service)-[:owner]->(t) WHERE a.cost < b.cost RETURN a.$identifier AS a, b.$identifier AS b ORDER BY a",
            "auth, web | jobs, pay",
        ),
        (
            "MATCH (s:service)-[:provides]->(a:api)-[:consumers]->(c:service)-[:owner]->(t) RETURN DISTINCT s.$identifier AS s, t.$identifier AS t ORDER BY s, t",
            "auth, payments | auth, platform | pay, payments | pay, platform",
        ),
    ]);
}

#[test]
fn walks() {
    check(&[
        (
            "MATCH (s:service {$identifier: 'jobs'})-[:depends_on]->+(d) RETURN d.$identifier AS d ORDER BY d",
            "auth | ledger | pay | web",
        ),
        (
            "MATCH (s:service {$identifier: 'jobs'})-[:depends_on]->*(d) RETURN d.$identifier AS d ORDER BY d",
            "auth | jobs | ledger | pay | web",
        ),
        (
            "MATCH (s:service {$identifier: 'jobs'})-[:depends_on]->{2,3}(d) RETURN d.$identifier AS d ORDER BY d",
            "auth | ledger | pay",
        ),
        (
            "MATCH (s:service {$identifier: 'jobs'})-[:depends_on*1..2]->(d) RETURN d.$identifier AS d ORDER BY d",
            "auth | pay | web",
        ),
        (
            "MATCH (s:service)-[:depends_on]->+(d:service {$identifier: 'ledger'}) RETURN s.$identifier AS s ORDER BY s",
            "jobs | ledger | pay | web",
        ),
        (
            "MATCH (s:service)-[:depends_on]->+(s) RETURN s.$identifier AS s ORDER BY s",
            "auth | ledger | pay",
        ),
        (
            "MATCH (t:team {$identifier: 'ledger'})-[:parent]->*(p) RETURN p.$identifier AS p ORDER BY p",
            "ledger | payments | platform",
        ),
        (
            "MATCH (s:service {$identifier: 'web'}), (d:service {tier: 2}) MATCH (s)-[:depends_on]->+(d) RETURN d.$identifier",
            "ledger",
        ),
        (
            "MATCH (s:service {$identifier: 'old'})-[:depends_on]-{2}(d) RETURN d.$identifier",
            "old",
        ),
        (
            "MATCH (s:service {$identifier: 'jobs'})-[:depends_on]->{5}(d) RETURN d.$identifier AS d ORDER BY d",
            "auth | ledger",
        ),
    ]);
}

#[test]
fn subqueries() {
    check(&[
        (
            "MATCH (s:service) WHERE EXISTS { (s)-[:depends_on]->(:service {tier: 1}) } RETURN s.$identifier AS id ORDER BY id",
            "auth | jobs | ledger | web",
        ),
        (
            "MATCH (s:service) WHERE NOT EXISTS { (s)-[:owner]->() } RETURN s.$identifier AS id ORDER BY id",
            "cron | old | old-db | plain",
        ),
        (
            "MATCH (t:team) RETURN t.$identifier AS t, COUNT { (t)<-[:owner]-(:service) } AS n ORDER BY n DESC, t",
            "payments, 2 | platform, 2 | ledger, 1 | idle, 0",
        ),
        (
            "MATCH (s:service) WHERE COUNT { (s)-[:depends_on]->(d) WHERE d.lang = s.lang } > 0 RETURN s.$identifier AS id ORDER BY id",
            "auth | jobs | ledger | pay",
        ),
        (
            "MATCH (s:service) WHERE EXISTS { (s)-[:depends_on]->+(d) WHERE d.tier = 2 } RETURN s.$identifier AS id ORDER BY id",
            "jobs | ledger | pay | web",
        ),
        (
            "MATCH (t:team) WHERE EXISTS { (t)<-[:owner]-(s:service) WHERE NOT EXISTS { (s)-[:provides]->() } } RETURN t.$identifier AS t ORDER BY t",
            "ledger | payments | platform",
        ),
        (
            "MATCH (s:service {$identifier: 'auth'}) RETURN COUNT { (s)-[:depends_on]-() } AS n",
            "2",
        ),
    ]);
}

#[test]
fn aggregates_and_groups() {
    check(&[
        (
            "MATCH (s:service) RETURN count(*) AS n, count(s.tier) AS t, count(DISTINCT s.tier) AS d",
            "9, 6, 3",
        ),
        ("MATCH (s:service) RETURN count(*)", "9"),
        (
            "MATCH (s:service) WHERE s.tier = 9 RETURN count(*) AS n, sum(s.cost) AS s, avg(s.cost) AS a, min(s.cost) AS l, max(s.cost) AS h, median(s.cost) AS m, collect(s.cost) AS c",
            "0, 0, null, null, null, null, []",
        ),
        (
            "MATCH (s:service) RETURN sum(s.cost) AS s, avg(s.cost) AS a, min(s.cost) AS l, max(s.cost) AS h, median(s.cost) AS m",
            "37.75, 9.4375, 0, 20, 8.875",
        ),
        (
            "MATCH (s:service) RETURN sum(s.tier) AS s, avg(s.tier) AS a, median(s.tier) AS m",
            "11, 1.8333333333333333, 1.5",
        ),
        (
            "MATCH (s:service) RETURN s.tier AS tier, count(*) AS n ORDER BY tier",
            "1, 3 | 2, 1 | 3, 2 | null, 3",
        ),
        (
            "MATCH (s:service) WHERE s.tier = 9 RETURN s.tier AS tier, count(*) AS n",
            "",
        ),
        (
            "MATCH (s:service)-[:owner]->(t) RETURN t.$identifier AS t, count(s) AS n, sum(s.cost) AS c ORDER BY n DESC, t",
            "payments, 2, 20 | platform, 2, 17.75 | ledger, 1, 0",
        ),
        (
            "MATCH (s:service)-[:owner]->(t) RETURN t, count(*) AS n ORDER BY n, t.$identifier LIMIT 1",
            r#"{"$blueprint":"team","$identifier":"ledger","$title":"LEDGER","size":3}, 1"#,
        ),
        (
            "MATCH (s:service) RETURN s.on_call AS o, count(*) FILTER (WHERE s.tier = 1) AS n ORDER BY o",
            "false, 0 | true, 2 | null, 1",
        ),
        ("MATCH (s:service) RETURN count(*) * 2 + 1 AS x", "19"),
        (
            "MATCH (s:service) RETURN s.tier + 1 AS t, count(*) AS n ORDER BY t DESC LIMIT 2",
            "null, 3 | 4, 2",
        ),
        (
            "MATCH (s:service {tier: 1}) RETURN collect(DISTINCT s.on_call) AS x",
            "[true]",
        ),
    ]);
}

#[test]
fn order_distinct_and_limits() {
    check(&[
        (
            "MATCH (s:service) RETURN DISTINCT s.tier AS t ORDER BY t",
            "1 | 2 | 3 | null",
        ),
        (
            "MATCH (s:service) RETURN DISTINCT s.tier AS t ORDER BY t DESC",
            "null | 3 | 2 | 1",
        ),
        (
            "MATCH (s:service) RETURN DISTINCT s.tier AS t ORDER BY t DESC NULLS LAST",
            "3 | 2 | 1 | null",
        ),
        (
            "MATCH (s:service) RETURN DISTINCT s.tier AS t ORDER BY t NULLS FIRST LIMIT 2",
            "null | 1",
        ),
        (
            "MATCH (s:service) RETURN s.$identifier AS id ORDER BY s.tier, s.cost DESC LIMIT 3",
            "pay | web | auth",
        ),
        (
            "MATCH (s:service) RETURN s.$identifier AS id ORDER BY id SKIP 2 LIMIT 2",
            "jobs | ledger",
        ),
        (
            "MATCH (s:service) RETURN s.$identifier AS id ORDER BY s.on_call LIMIT 9",
            "jobs | ledger | pay | web | auth | cron | old | old-db | plain",
        ),
        ("MATCH (s:service) RETURN s.$identifier AS id LIMIT 0", ""),
        (
            "MATCH (s:service) RETURN s.$identifier AS id SKIP 8",
            "plain",
        ),
        (
            "MATCH (s:service {tier: 2}) RETURN s.cost + 1 AS x, s.tier AS y",
            "null, 2",
        ),
        (
            "MATCH (s:team {$identifier: 'idle'}) RETURN s",
            r#"{"$blueprint":"team","$identifier":"idle","$title":"IDLE","region":"eu"}"#,
        ),
        (
            "MATCH (s:service {$identifier: 'plain'}) RETURN [s] AS list, s.$team AS team",
            r#"[{"$blueprint":"service","$identifier":"plain","$title":null}], ["platform","payments"]"#,
        ),
    ]);
}

#[test]
fn truth_tables() {
    let names = ["true", "false", "null"];
    let tables = [
        ("AND", "true false null  false false false  null false null"),
        ("OR", "true true true  true false null  true null null"),
        ("XOR", "false true null  true false null  null null null"),
    ];
    let state = super::fixture::catalog();
    for (operator, table) in tables {
        let mut answers = table.split_whitespace();
        for a in names {
            for b in names {
                let query = format!("RETURN {a} {operator} {b} AS x");
                let answer = text(&ask(&state, &query, &[]).unwrap());
                assert_eq!(Some(answer.as_str()), answers.next(), "{query}");
            }
        }
    }
}
