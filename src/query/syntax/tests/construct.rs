//! Every construct of the language in the form that the tree gives it.

use super::{check, expr, statement};

#[test]
fn clauses() {
    let table = [
        ("RETURN 1", "Return 1 `1`"),
        ("return 1;;", "Return 1 `1`"),
        ("RETURN a + 1 AS b, (c)", "Return (+ a 1) as b, c `(c)`"),
        ("RETURN *", "Return *"),
        ("RETURN *, a.b AS c", "Return *, a.b as c"),
        ("RETURN DISTINCT a", "Return distinct a `a`"),
        ("RETURN ALL a", "Return a `a`"),
        (
            "RETURN a ORDER BY a, b DESC, c ASC NULLS FIRST, d DESCENDING NULLS LAST SKIP 1 + 1 LIMIT $n",
            "Return a `a` order a, b desc, c nulls first, d desc nulls last skip (+ 1 1) limit $n",
        ),
        ("RETURN a OFFSET 2", "Return a `a` skip 2"),
        ("MATCH (s) RETURN s", "Match (s) ; Return s `s`"),
        (
            "OPTIONAL MATCH (s) WHERE s.a RETURN s",
            "OptionalMatch (s) where s.a ; Return s `s`",
        ),
        (
            "MATCH REPEATABLE ELEMENTS (s) RETURN s",
            "Match Repeatable (s) ; Return s `s`",
        ),
        (
            "MATCH DIFFERENT RELATIONSHIPS (s), (t) RETURN s",
            "Match (s), (t) ; Return s `s`",
        ),
        (
            "UNWIND [1, 2] AS x RETURN x",
            "Unwind [1, 2] as x ; Return x `x`",
        ),
        ("FOR x IN xs RETURN x", "For x in xs ; Return x `x`"),
        ("LET a = 1, b = a RETURN b", "Let a=1, b=a ; Return b `b`"),
        (
            "MATCH (s) FILTER s.a RETURN s",
            "Match (s) ; Filter s.a ; Return s `s`",
        ),
        (
            "MATCH (s) FILTER WHERE s.a RETURN s",
            "Match (s) ; Filter s.a ; Return s `s`",
        ),
        (
            "MATCH (s) WITH DISTINCT s.a AS a, count(*) AS n ORDER BY n LIMIT 3 WHERE n > 1 RETURN a",
            "Match (s) ; With distinct s.a as a, count(*) as n order n limit 3 where (> n 1) ; Return a `a`",
        ),
        (
            "MATCH (a) RETURN a UNION MATCH (b) RETURN b UNION ALL RETURN 1 UNION DISTINCT RETURN 2",
            "Match (a) ; Return a `a` ; Union ; Match (b) ; Return b `b` ; UnionAll ; Return 1 `1` ; \
             Union ; Return 2 `2`",
        ),
        ("EXPLAIN RETURN 1", "Explain ; Return 1 `1`"),
        (
            "PROFILE (format json, x 1) RETURN 1",
            "Profile ; Return 1 `1`",
        ),
        (
            "AS OF now() - 7d MATCH (s) RETURN s",
            "AsOf (- now() D'P7D') ; Match (s) ; Return s `s`",
        ),
        (
            "/* a\n */ match (s) // b\nreturn s // c",
            "Match (s) ; Return s `s`",
        ),
        ("RETURN  a  /* x */  AS b", "Return a as b"),
        ("RETURN a . b /* x */, c", "Return a.b `a . b`, c `c`"),
        (
            "RETURN limit, order, match_, `match`",
            "Return limit `limit`, order `order`, match_ `match_`, match ``match``",
        ),
    ];
    check(&table, statement);
}

#[test]
fn patterns() {
    let table = [
        ("(s:service)", "(s:service)"),
        ("(:a)", "(:a)"),
        ("()", "()"),
        ("(s IS service)", "(s:service)"),
        (
            "(w:k8s-workload)-[:runs-on]->(c:`k8s cluster`)",
            "(w:k8s-workload)-[:runs-on]->(c:k8s cluster)",
        ),
        ("(n:a|b|:c)", "(n:(a|b|c))"),
        ("(n:a&!b|%)", "(n:((a&!b)|%))"),
        ("(n:a:b)", "(n:(a&b))"),
        ("(n:!!!(a|b))", "(n:!(a|b))"),
        ("(n:!!a)", "(n:a)"),
        (
            "(s {$identifier: 'x', `a b`: 1, 'c': $d})",
            "(s {$identifier: \"x\", a b: 1, c: $d})",
        ),
        ("(s $props)", "(s $)"),
        ("(s:a {b: 1} WHERE s.c > 2)", "(s:a {b: 1} where (> s.c 2))"),
        ("(a)-[r]->(b)", "(a)-[r]->(b)"),
        ("(a)<-[r:x|y]-(b)", "(a)<-[r:(x|y)]-(b)"),
        ("(a)-[:x]-(b)<-[]->(c)", "(a)-[:x]-(b)-[]-(c)"),
        (
            "(a)-->(b)<--(c)--(d)<-->(e)",
            "(a)-[]->(b)<-[]-(c)-[]-(d)-[]-(e)",
        ),
        (
            "(a)-[r:x {k: 1} WHERE is_required(r)]->(b)",
            "(a)-[r:x {..} where is_required(r)]->(b)",
        ),
        ("(a)-[:x*]->(b)", "(a)-[:x*1..]->(b)"),
        ("(a)-[:x*3]->(b)", "(a)-[:x*3..3]->(b)"),
        ("(a)-[:x*0..]->(b)", "(a)-[:x*0..]->(b)"),
        ("(a)-[:x*..5]->(b)", "(a)-[:x*1..5]->(b)"),
        ("(a)-[*1..1_0]->(b)", "(a)-[*1..10]->(b)"),
        ("(a)-[:x]->*(b)", "(a)-[:x*0..]->(b)"),
        ("(a)-[:x]->+(b)", "(a)-[:x*1..]->(b)"),
        ("(a)-[:x]->?(b)", "(a)-[:x*0..1]->(b)"),
        ("(a)<-[:x]-{2}(b)", "(a)<-[:x*2..2]-(b)"),
        ("(a)-->{ 1 , 3 }(b)", "(a)-[*1..3]->(b)"),
        ("(a)-[:x]->{,3}(b)", "(a)-[:x*0..3]->(b)"),
        ("(a)-[:x]->{2,}(b)", "(a)-[:x*2..]->(b)"),
        ("p = (a)-->(b)", "p=(a)-[]->(b)"),
        ("ANY (a)-->(b)", "<ANY> (a)-[]->(b)"),
        (
            "p = any  shortest (a)-->(b)",
            "p=<ANY SHORTEST> (a)-[]->(b)",
        ),
        (
            "ALL SHORTEST PATHS (a)-->(b)",
            "<ALL SHORTEST PATHS> (a)-[]->(b)",
        ),
        (
            "SHORTEST 3 /* x */ PATH GROUPS (a)-->(b)",
            "<SHORTEST 3 PATH GROUPS> (a)-[]->(b)",
        ),
        ("SHORTEST $k (a)-->(b)", "<SHORTEST $k> (a)-[]->(b)"),
        ("ACYCLIC (a)-->(b)", "<ACYCLIC> (a)-[]->(b)"),
        ("walk (a)-->(b)", "<WALK> (a)-[]->(b)"),
        (
            "((a:x)-->(b) WHERE b.c){1,4} (d)",
            "()-[((a:x)-[]->(b) where b.c)*1..4]->(d)",
        ),
        ("(a) ((b)-->(c))+ (d)", "(a)-[((b)-[]->(c))*1..]->(d)"),
        ("((a)-->(b))", "(a)-[]->(b)"),
        (
            "shortestPath((a)-[*]->(b))",
            "<ANY SHORTEST> (a)-[*1..]->(b)",
        ),
        (
            "p = allShortestPaths((a)-[*]->(b))",
            "p=<ALL SHORTEST> (a)-[*1..]->(b)",
        ),
        ("(a), (b)", "(a), (b)"),
    ];
    let shown = |text: &str| {
        let shown = statement(&format!("MATCH {text} RETURN 1"));
        let pattern = shown
            .strip_prefix("Match ")
            .and_then(|rest| rest.strip_suffix(" ; Return 1 `1`"));
        pattern.map_or(shown.clone(), str::to_owned)
    };
    check(&table, shown);
}

#[test]
fn postfixes_and_collections() {
    let table = [
        ("s.owner.$title", "s.owner.$title"),
        ("s.`a b`.match", "s.a b.match"),
        (
            "s.$scorecards.production.level",
            "s.$scorecards.production.level",
        ),
        ("xs[0][-1]", "xs[0][-1]"),
        ("xs[1..3]", "xs[1..3]"),
        ("xs[..3]", "xs[..3]"),
        ("xs[a + 1..]", "xs[(+ a 1)..]"),
        ("xs[..]", "xs[..]"),
        ("s {.*, .$title, a: s.b, c}", "s{.*, .$title, a: s.b, c}"),
        ("s.system {.domain}", "s.system{.domain}"),
        ("s {}", "s{}"),
        ("{a: 1, 'b c': [2], $d: {}}", "{a: 1, b c: [2], $d: {}}"),
        ("[]", "[]"),
        ("[1, 'a', [x]]", "[1, \"a\", [x]]"),
        ("[a IN b, c]", "[(in a b), c]"),
        ("[(a IN b)]", "[(in a b)]"),
        ("[x IN xs]", "[x in xs]"),
        ("[x IN xs WHERE x > 1]", "[x in xs where (> x 1)]"),
        ("[x IN xs | x + 1]", "[x in xs | (+ x 1)]"),
        (
            "[x IN a + b WHERE x AND y | [y IN x | y]]",
            "[x in (+ a b) where (and x y) | [y in x | y]]",
        ),
        ("[(a)-[:r]->(b) | b.c]", "[(a)-[:r]->(b) | b.c]"),
        (
            "[p = (a)-->(b:c) WHERE b.d | p]",
            "[p=(a)-[]->(b:c) where b.d | p]",
        ),
        ("[(a)-->(b)]", "[<(a)-[]->(b)>]"),
        ("(a)-->(:b)", "<(a)-[]->(:b)>"),
        ("NOT (a)<-[:r]-()", "(not <(a)<-[:r]-()>)"),
        ("(a) - 1", "(- a 1)"),
        ("(a + 1) - [1][0]", "(- (+ a 1) [1][0])"),
        (
            "shortestPath((a)-[*]->(b))",
            "<!`shortestPath()`! (a)-[*1..]->(b)>",
        ),
    ];
    check(&table, expr);
}

#[test]
fn calls_and_what_is_written_like_them() {
    let table = [
        ("now()", "now()"),
        ("f(a, b + 1)", "f(a, (+ b 1))"),
        ("date.trunc('week', d)", "date.trunc(\"week\", d)"),
        ("count(DISTINCT x)", "count(distinct x)"),
        ("count(ALL x)", "count(x)"),
        ("count(*)", "count(*)"),
        ("COUNT ( * ) FILTER (WHERE a.b)", "count(*) where a.b"),
        ("sum(x) FILTER (WHERE y)", "sum(x) where y"),
        ("all(x IN xs WHERE x)", "all(x in xs where x)"),
        (
            "ANY(x IN a + b WHERE x = 1)",
            "any(x in (+ a b) where (= x 1))",
        ),
        (
            "none(x IN xs WHERE x) AND single(x IN xs WHERE x)",
            "(and none(x in xs where x) single(x in xs where x))",
        ),
        ("any(x)", "any(x)"),
        (
            "reduce(t = 0, x IN xs | t + x)",
            "reduce(t=0, x in xs | (+ t x))",
        ),
        ("exists((a)-->(b))", "exists(<(a)-[]->(b)>)"),
        ("CASE WHEN a THEN 1 END", "(case when a then 1)"),
        (
            "CASE WHEN a THEN 1 WHEN b THEN 2 ELSE 3 END + 1",
            "(+ (case when a then 1 when b then 2 else 3) 1)",
        ),
        (
            "CASE x WHEN 1, 2 THEN 'a' ELSE CASE y WHEN z THEN 1 END END",
            "(case x when 1, 2 then \"a\" else (case y when z then 1))",
        ),
        (
            "CASE end WHEN end THEN end END",
            "(case end when end then end)",
        ),
        ("EXISTS { (a)-->(b) }", "exists{(a)-[]->(b)}"),
        (
            "EXISTS { (a)-->(b), (c) WHERE b.d }",
            "exists{(a)-[]->(b), (c) where b.d}",
        ),
        ("EXISTS { MATCH (a) WHERE a.b }", "exists{(a) where a.b}"),
        (
            "EXISTS { OPTIONAL MATCH (a) }",
            "exists{query OptionalMatch (a)}",
        ),
        (
            "EXISTS { MATCH (a) RETURN a }",
            "exists{query Match (a) ; Return a `a`}",
        ),
        (
            "EXISTS { MATCH (a) MATCH (b) }",
            "exists{query Match (a) ; Match (b)}",
        ),
        (
            "COUNT { (a)<-[:r]-(:b WHERE c = 'd') } >= 2",
            "(>= count{(a)<-[:r]-(:b where (= c \"d\"))} 2)",
        ),
        (
            "COUNT { MATCH (a) RETURN a UNION ALL RETURN 1 }",
            "count{query Match (a) ; Return a `a` UnionAll Return 1 `1`}",
        ),
        (
            "COLLECT { MATCH (a) RETURN a.b ORDER BY a.b LIMIT 5 }",
            "collect{query Match (a) ; Return a.b `a.b` order a.b limit 5}",
        ),
        (
            "SUM { (a)-->(b) WHERE b.c | b.d }",
            "sum{(a)-[]->(b) where b.c | b.d}",
        ),
        (
            "percentile { (a)-->(b) | b.c, 0.9 }",
            "percentile{(a)-[]->(b) | b.c, 0.9}",
        ),
        (
            "COUNT { (a)-->(b) | DISTINCT b }",
            "count{(a)-[]->(b) | distinct b}",
        ),
        ("count { .a }", "count{.a}"),
    ];
    check(&table, expr);
}

/// Whole questions of the kinds that a portal asks.
#[test]
fn questions_about_a_catalog_parse() {
    let questions = [
        "MATCH (s:service) RETURN s.$identifier AS id, s.owner.$title AS owner ORDER BY owner, id SKIP 40 LIMIT 20",
        "MATCH (s:service {$identifier: 'cart'}) RETURN s {.*, $title: s.$title, system: s.system {.$title, d: s.system.domain.$title}, \
         open: COUNT { (s)<-[:services]-(:incident WHERE status = 'open') }, apis: [ (s)-[:provides]->(a:api) | a {.$title} ]} AS doc",
        "MATCH (s:service)<-[:service]-(d:deployment)-[:environment]->(e) WHERE e.type = 'prod' AND s.on_call IS NULL \
         AND EXISTS { (s)<-[:service]-(v:vulnerability) WHERE v.severity IN ['critical', 'high'] } RETURN DISTINCT s.$title",
        "MATCH (s:service) UNWIND s.$scorecards.readiness.rules AS r WITH s, r WHERE NOT r.passed RETURN r.level AS level, r.identifier",
        "MATCH (s:service) RETURN count(*) AS n, 100.0 * count(*) FILTER (WHERE s.readme IS NOT EMPTY) / count(*) AS pct",
        "MATCH (i:incident)-[:services]->(s) WHERE i.status = 'open' MATCH ANY (s)<-[:depends_on]-{1,10}(up:service) \
         RETURN i.$title, count(DISTINCT up) AS impacted, collect(DISTINCT up.owner.$title) AS teams ORDER BY impacted DESC",
        "MATCH p = ANY SHORTEST (a:service {$identifier: $from})-[:depends_on]->+(b:service {$identifier: $to}) \
         RETURN [n IN nodes(p) | n.$title] AS via, length(p) AS hops",
        "MATCH (t:team)<-[:owner]-(s:service) LET level = s.$scorecards.readiness.level FILTER level >= 'Silver' \
         RETURN t.$title, avg(rank(level)) AS score ORDER BY score DESC NULLS LAST",
        "MATCH (e:env) WHERE e.ttl BETWEEN now() AND now() + 1d OR e.ttl >= DATETIME '2026-11-01T00:00:00+02:00' RETURN e.ttl",
        "MATCH (s:service) WITH s.language AS language, count(*) AS n ORDER BY n DESC WITH collect({k: language, n: n}) AS all_rows \
         RETURN all_rows[..13] AS slices, reduce(t = 0, r IN all_rows[13..] | t + r.n) AS other",
        "UNWIND $ids AS id MATCH (s:service {$identifier: id}) RETURN s",
        "MATCH (n)-[:depends_on]->(m) WHERE n IS service AND NOT m:library AND m IS NOT api RETURN n['slack-channel'], m.versions[$env]",
    ];
    for question in questions {
        let parsed = crate::query::syntax::parse_statement(question);
        assert!(parsed.is_ok(), "{:#}", parsed.unwrap_err());
    }
    let rules = [
        "on_call IS NOT NULL AND open_incidents < 5",
        "all(d IN depends_on WHERE d.$scorecards.readiness.level >= 'Silver')",
        "'pci' IN tags AND languages CONTAINS ANY ['go', 'rust'] AND config.replicas.min >= 2",
        "repository.url STARTS WITH 'https://a/' AND NOT $identifier ENDS WITH '-test' AND $title NOT CONTAINS 'old'",
        "$user = entity.on_call OR $user.$identifier IN entity.owner.members.$identifier",
        "AVG { (this)<-[:services]-(i:incident) WHERE i.resolved_at IS NOT NULL | i.resolved_at - i.$createdAt }",
        "any(p IN ['owner', 'tier'] WHERE before[p] <> after[p])",
        "COUNT { (this)<-[:services]-(i:incident)-[:root_cause]->(c) WHERE i.$createdAt >= now() - 1y | DISTINCT c } <= 3",
        "NOT EXISTS { (x:service {$identifier: $inputs.name}) }",
        "EXISTS { MATCH ANY (this)-[r WHERE is_required(r)]->{1,15}(x:team) WHERE x.$identifier IN ['a'] }",
    ];
    for rule in rules {
        let parsed = crate::query::syntax::parse_expression(rule);
        assert!(parsed.is_ok(), "{:#}", parsed.unwrap_err());
    }
}
